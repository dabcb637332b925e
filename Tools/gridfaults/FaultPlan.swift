internal import PortfolioFiles

/// What breaks when in one round; the same for the same seed on every machine.
///
/// One of the engines is never touched, so that the job can always go on.
struct FaultPlan: Sendable {
    /// A fault and when it hits, as a share of the time that the job takes undisturbed.
    struct Injection: Hashable, Sendable {
        var share: Double
        var fault: Fault
    }

    /// What the plans are made for.
    struct Setting: Hashable, Sendable {
        /// 1 or 3.
        var brokers: Int
        /// How long an engine may be silent, in seconds.
        var session: Double
        /// How long the storm of its own rounds lasts, in seconds.
        var storm: Double
    }

    /// How many engines a round starts.
    static let engineCount = 3

    /// Ascending by share.
    private(set) var injections: [Injection] = []
    /// After which share of its batches eodservice is killed; nil when it is not.
    private(set) var submitterDiesAfter: Double?
    /// The engine that reaches Kafka through the proxy.
    let proxiedEngine: Int
    /// The engine that nothing happens to.
    let steadyEngine: Int
    /// The most trades in a batch: few, so that there are many batches to be lost or doubled, and
    /// fewer where submitting them must take long enough to be disturbed.
    var batchSize: Int
    /// How long an engine may be silent, in seconds.
    private(set) var session: Double
    /// How long the work must last at least, in seconds.
    private(set) var minimumSeconds = 0.0

    private var random: SplitMix64
    private let setting: Setting

    /// Makes the plan of a round.
    ///
    /// - Parameters:
    ///   - kind: what to break; nil for nothing.
    ///   - seed: of the whole matrix.
    ///   - round: from 1.
    ///   - setting: what the plan is made for.
    init(_ kind: FaultKind?, seed: UInt64, round: Int, setting: Setting) {
        let position = kind.flatMap { FaultKind.allCases.firstIndex(of: $0) } ?? -1
        random = SplitMix64(seed: seed, item: round * 100 + position + 1)
        self.setting = setting
        batchSize = 25
        session = setting.session
        steadyEngine = random.integer(in: 0...Self.engineCount - 1)
        proxiedEngine =
            (steadyEngine + random.integer(in: 1...Self.engineCount - 1)) % Self.engineCount
        guard let kind else { return }
        if kind == .random {
            addMix()
        } else {
            add(kind, between: 0.1, and: 0.6)
        }
        injections.sort { $0.share < $1.share }
    }

    /// Whether an engine is behind the proxy.
    var isProxied: Bool {
        injections.contains { injection in
            if case .cut = injection.fault { return true }
            return false
        }
    }

    /// Whether a broker dies.
    var killsBroker: Bool {
        injections.contains { injection in
            if case .killBroker = injection.fault { return true }
            return false
        }
    }

    /// Whether who starts may not reach a broker for a while.
    var hidesBroker: Bool { isProxied || killsBroker }

    /// Whether an engine is silent for so long that the group goes on without it, and comes back.
    var silencesEngine: Bool {
        injections.contains { injection in
            switch injection.fault {
            case .stopEngine, .cut: true
            default: false
            }
        }
    }

    // MARK: - Private

    private mutating func addMix() {
        var kinds: [FaultKind] = [
            .engine, .engines, .pricer, .eodservice, .aggregator, .zombie, .cutRefused, .cutSilent,
            .cutCommit, .storm, setting.brokers == 1 ? .broker : .leader,
        ]
        for _ in 0..<random.integer(in: 2...4) {
            guard let kind = random.element(of: kinds) else { break }
            add(kind, between: 0.05, and: 0.9, isMix: true)
            switch kind {
            // There is one proxy, and one eodservice; and one broker at a time is enough.
            case .cutRefused, .cutSilent, .cutCommit:
                kinds.removeAll { [.cutRefused, .cutSilent, .cutCommit].contains($0) }
            case .broker, .leader, .eodservice, .storm: kinds.removeAll { $0 == kind }
            default: break
            }
        }
    }

    private mutating func add(
        _ kind: FaultKind,
        between first: Double,
        and last: Double,
        isMix: Bool = false
    ) {
        let share = number(in: first...last)
        switch kind {
        case .engine:
            inject(share, killed(victims()[random.integer(in: 0...1)]))
        case .engines:
            for victim in victims() {
                inject(share + number(in: 0...0.05), killed(victim))
            }
        case .pricer:
            inject(share, .killPricer(ofEngine: random.integer(in: 0...Self.engineCount - 1)))
        case .eodservice:
            submitterDiesAfter = number(in: 0...0.95)
            batchSize = 5
        case .aggregator: inject(share, .killAggregator(back: number(in: 0.1...2)))
        case .broker, .leader:
            let topic = random.element(of: LedTopic.allCases) ?? .results
            inject(share, .killBroker(leading: topic, back: number(in: 0.3...4)))
        case .zombie:
            let victim = victims()[random.integer(in: 0...1)]
            inject(share, .stopEngine(victim, for: setting.session + number(in: 0.5...9)))
        case .cutRefused: inject(share, .cut(.refused, for: number(in: 1...10)))
        case .cutSilent: inject(share, .cut(.silent, for: number(in: 1...10)))
        // A commit is waited for twenty seconds, and asked for again as long as it is.
        case .cutCommit:
            inject(share, .cut(.commit, for: number(in: 20.5...23)))
            // An engine that is still in the group goes on with what it believes of its commit;
            // one that is not would be refused whatever it believes.
            if !isMix, random.chance(60) { session = 30 }
        case .storm where isMix: addStorm(share, for: number(in: 4...8))
        case .storm:
            minimumSeconds = setting.storm
            addStorm(0.1, for: setting.storm)
        case .random: break
        }
    }

    private mutating func addStorm(_ share: Double, for time: Double) {
        inject(share, .storm(for: time, every: min(2, time / 4), seed: random.next()))
    }

    private mutating func inject(_ share: Double, _ fault: Fault) {
        injections.append(Injection(share: share, fault: fault))
    }

    private mutating func killed(_ engine: Int) -> Fault {
        .killEngine(engine, back: number(in: 0.1...3), keepsID: random.chance(50))
    }

    /// The engines that may be touched.
    private func victims() -> [Int] {
        (0..<Self.engineCount).filter { $0 != steadyEngine }
    }

    private mutating func number(in range: ClosedRange<Double>) -> Double {
        let part = Double(random.integer(in: 0...1_000_000)) / 1_000_000
        return range.lowerBound + (range.upperBound - range.lowerBound) * part
    }
}
