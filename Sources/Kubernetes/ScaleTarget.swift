internal import GridAPI
internal import Scaling

/// What sets the number of engines in a cluster, as it is set now, and how it is changed.
struct ScaleTarget: Hashable, Sendable {
    /// Where the bounds before a hold are kept, as `2..8`.
    static let annotation = "valgrid/bounds-before"

    /// An autoscaler keeps between two bounds; a deployment has one number.
    enum Kind: Hashable, Sendable {
        case autoscaler
        case scaledObject
        case deployment
    }

    struct Bounds: Hashable, Sendable {
        var least: Int
        var most: Int

        init(least: Int, most: Int) {
            self.least = least
            self.most = most
        }

        /// As the annotation has them; nil for anything else.
        init?(_ text: String) {
            let words = text.split(separator: ".", omittingEmptySubsequences: false)
            guard words.count == 3, words[1].isEmpty, let least = Int(words[0]),
                let most = Int(words[2]), 0 <= least, least <= most, most > 0
            else { return nil }
            self.init(least: least, most: most)
        }

        var annotation: String { "\(least)..\(most)" }

        /// For people.
        var text: String {
            least == most
                ? ScaleTarget.engines(least) : "\(least) to \(ScaleTarget.engines(most))"
        }
    }

    var kind: Kind
    var name: String
    var bounds: Bounds
    /// Those before a hold.
    var boundsBefore: Bounds?
    /// Of the object read; a change of another is refused by the server.
    var resourceVersion: String?

    /// Names what is set, whatever else of the object changes.
    var etag: String {
        let before = boundsBefore.map { "-held-\($0.annotation)" } ?? ""
        return "\(what)-\(bounds.annotation)\(before)"
    }

    /// As `horizontalpodautoscaler/valengine`.
    var what: String {
        switch kind {
        case .autoscaler: "horizontalpodautoscaler/\(name)"
        case .scaledObject: "scaledobject/\(name)"
        case .deployment: "deployment/\(name)"
        }
    }

    var isHeld: Bool { boundsBefore != nil }

    init(_ autoscaler: AutoscalerObject, name: String) {
        kind = .autoscaler
        self.name = name
        bounds = Bounds(
            least: autoscaler.spec?.minReplicas ?? 1,
            most: autoscaler.spec?.maxReplicas ?? 1
        )
        read(autoscaler.metadata)
    }

    init(_ object: ScaledObject, name: String) {
        kind = .scaledObject
        self.name = name
        // KEDA's own defaults.
        bounds = Bounds(
            least: object.spec?.minReplicaCount ?? 0,
            most: object.spec?.maxReplicaCount ?? 100
        )
        read(object.metadata)
    }

    init(_ scale: ScaleObject, name: String) {
        kind = .deployment
        self.name = name
        let replicas = scale.spec?.replicas ?? 0
        bounds = Bounds(least: replicas, most: replicas)
        resourceVersion = scale.metadata.resourceVersion
    }

    /// What to write for a change.
    ///
    /// - Throws: ``ScalingError`` when the change makes no sense for what is there.
    func patch(for change: ScaleLimits.Change) throws(ScalingError) -> ScalePatch {
        guard kind != .deployment else {
            guard case .count(let count) = change else {
                throw ScalingError(
                    .notPossible,
                    "no autoscaler sets the number of engines: give a count"
                )
            }
            return ScalePatch(
                kind: kind,
                bounds: Bounds(least: count, most: count),
                note: .untouched,
                resourceVersion: resourceVersion
            )
        }
        let wanted: Bounds
        let note: ScalePatch.Note
        switch change {
        case .count(let count):
            wanted = Bounds(least: count, most: count)
            note = .set((boundsBefore ?? bounds).annotation)
        case .bounds(let least, let most):
            wanted = Bounds(least: least, most: most)
            note = .removed
        case .giveBack:
            guard let boundsBefore else {
                throw ScalingError(
                    .notPossible,
                    "the autoscaler is not held, so there are no bounds to give back"
                )
            }
            wanted = boundsBefore
            note = .removed
        }
        guard wanted.least > 0 || (kind == .scaledObject && wanted.most > 0) else {
            throw ScalingError(.outOfBounds, "an autoscaler keeps at least 1 engine")
        }
        return ScalePatch(
            kind: kind,
            bounds: wanted,
            note: note,
            resourceVersion: resourceVersion
        )
    }

    static func engines(_ count: Int) -> String { count == 1 ? "1 engine" : "\(count) engines" }

    private mutating func read(_ metadata: ObjectMeta) {
        resourceVersion = metadata.resourceVersion
        boundsBefore = metadata.annotations?[Self.annotation].flatMap(Bounds.init)
    }
}

/// A merge patch of what sets the number of engines.
struct ScalePatch: Encodable, Hashable {
    /// What becomes of the annotation with the bounds before.
    enum Note: Hashable {
        case untouched
        case set(String)
        case removed
    }

    let kind: ScaleTarget.Kind
    let bounds: ScaleTarget.Bounds
    let note: Note
    /// The server refuses the patch when the object has another.
    let resourceVersion: String?

    private enum Key: String, CodingKey {
        case metadata, spec, annotations, resourceVersion
        case replicas, minReplicas, maxReplicas, minReplicaCount, maxReplicaCount
        case boundsBefore = "valgrid/bounds-before"
    }

    func encode(to encoder: any Encoder) throws {
        var body = encoder.container(keyedBy: Key.self)
        var metadata = body.nestedContainer(keyedBy: Key.self, forKey: .metadata)
        try metadata.encodeIfPresent(resourceVersion, forKey: .resourceVersion)
        if note != .untouched {
            var notes = metadata.nestedContainer(keyedBy: Key.self, forKey: .annotations)
            if case .set(let text) = note {
                try notes.encode(text, forKey: .boundsBefore)
            } else {
                try notes.encodeNil(forKey: .boundsBefore)
            }
        }
        var spec = body.nestedContainer(keyedBy: Key.self, forKey: .spec)
        switch kind {
        case .deployment:
            try spec.encode(bounds.most, forKey: .replicas)
        case .autoscaler:
            try spec.encode(bounds.least, forKey: .minReplicas)
            try spec.encode(bounds.most, forKey: .maxReplicas)
        case .scaledObject:
            try spec.encode(bounds.least, forKey: .minReplicaCount)
            try spec.encode(bounds.most, forKey: .maxReplicaCount)
        }
    }
}
