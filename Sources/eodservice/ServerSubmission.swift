internal import Foundation
internal import GridAPI
internal import GridPrograms
internal import GridProtocol
internal import HTTP
internal import Operations

/// Sends files to compute-manager and has it queue a job.
struct ServerSubmission: Sendable {
    private struct Order: Encodable {
        var id: String
        var portfolio: String
        var market: [String]
        var metrics: [String]
        var priority: String
        var deadline: String
        var batchSize: Int
    }

    /// What came of an order.
    struct Receipt: Decodable {
        var id: String
        var isReplay: Bool
        var trades: Int
        var batches: Int
    }

    private struct Upload: Decodable {
        var id: String
        var bytes: Int64
        var sha256: String?
    }

    /// How long a file may make no progress.
    private static let patience = Duration.seconds(60)

    let server: ServerClient
    let progress: ProgressLine

    /// Sends the files that the options name, and queues the job.
    func submit(_ program: Program, _ job: JobID) async throws -> Receipt {
        let settings = program.settings
        let portfolio = settings.arguments.first ?? ""
        let market = try Self.marketFiles(settings.string("market"))
        var names: [String: String] = [:]
        for path in market + [portfolio] {
            let name = Self.name(path)
            // Of two files of one name the server cannot say which.
            names[name] = names[name] == nil ? path : name
        }
        let bytes = (market + [portfolio]).reduce(0) { $0 + (Self.size($1) ?? 0) }
        progress.show(
            "sending \(market.count + 1) files, \(HumanText.count(Int(bytes))) bytes"
        )
        var sent: [String] = []
        for path in market { sent.append(try await send(path)) }
        let order = Order(
            id: job.rawValue,
            portfolio: try await send(portfolio),
            market: sent,
            metrics: settings.list("metrics"),
            priority: settings.string("priority"),
            deadline: settings.string("deadline"),
            batchSize: settings.int("batch-size")
        )
        progress.show("the server checks the files and queues the job")
        let answer = try await server.send(
            HTTPCall(
                method: "POST",
                url: server.address("/jobs"),
                body: .bytes(try APIJSON.line(order), contentType: "application/json"),
                // The whole portfolio is read before it answers.
                timeout: .seconds(900)
            ),
            names: names
        )
        progress.finish()
        return try server.decode(answer)
    }

    // MARK: Private

    /// Sends a file and returns its id; what breaks off goes on where it was.
    private func send(_ path: String) async throws -> String {
        guard let bytes = Self.size(path) else {
            throw ProgramError(.usage, "\(path): there is no such file, or it is a directory")
        }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw ProgramError(.usage, "\(path) cannot be read: permission denied")
        }
        let name = Self.name(path).percentEncoded
        // An empty first part names the upload, so that every further one can go on with it.
        var upload: Upload = try server.decode(
            try await server.send(
                HTTPCall(
                    method: "POST",
                    url: server.address("/uploads?name=\(name)&length=\(bytes)"),
                    body: .bytes([], contentType: "application/octet-stream")
                )
            )
        )
        var lastMove = ContinuousClock.now
        while upload.sha256 == nil {
            let before = upload.bytes
            var failure: ProgramError?
            var isLasting = false
            do throws(ProgramError) {
                let answer = try await server.ask(
                    HTTPCall(
                        method: "PATCH",
                        url: server.address("/uploads/\(upload.id)"),
                        headers: ["Upload-Offset": "\(upload.bytes)"],
                        body: .file(path: path, from: upload.bytes),
                        timeout: .seconds(60)
                    )
                )
                if answer.status >= 400 {
                    let refusal = try? APIJSON.decoded(
                        ServerClient.Refusal.self,
                        from: answer.body
                    )
                    isLasting =
                        answer.status < 500 && ![404, 409, 429].contains(answer.status)
                    failure = ProgramError(
                        [401, 403].contains(answer.status) ? .unreachable : .failure,
                        "the server refuses \(path): \(refusal?.detail ?? "\(answer.status)")"
                    )
                }
            } catch {
                failure = error
            }
            if isLasting, let failure { throw failure }
            // What it has may be more than it could say.
            let state = try? await server.ask(
                HTTPCall(url: server.address("/uploads/\(upload.id)"))
            )
            if let state, state.status == 404 {
                throw failure ?? ProgramError(.failure, "the server lost \(path): send it again")
            }
            if let state, state.status == 200 { upload = try server.decode(state) }
            if upload.bytes > before { lastMove = .now }
            guard upload.sha256 == nil else { break }
            guard lastMove.duration(to: .now) < Self.patience else {
                throw failure
                    ?? ProgramError(.unreachable, "no byte of \(path) was taken for a minute")
            }
            try await Task.sleep(for: .seconds(1))
        }
        return upload.id
    }

    /// The files of a market: a JSON file, or what `readSnapshot` reads of a directory.
    private static func marketFiles(_ path: String) throws(ProgramError) -> [String] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ProgramError(.usage, "\(path): there is no such file; expected a market snapshot")
        }
        guard isDirectory.boolValue else { return [path] }
        let directory = path.hasSuffix("/") ? String(path.dropLast()) : path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let isJSON = names.contains("snapshot.json")
        guard !(isJSON && names.contains("snapshot.csv")) else {
            throw ProgramError(
                .usage,
                "\(path): there are both snapshot.json and snapshot.csv; expected one of them"
            )
        }
        if isJSON { return ["\(directory)/snapshot.json"] }
        let files = names.filter { $0.hasSuffix(".csv") }.sorted().map { "\(directory)/\($0)" }
        guard !files.isEmpty else {
            throw ProgramError(
                .usage,
                "\(path): there is neither snapshot.json nor snapshot.csv; expected one of them"
            )
        }
        return files
    }

    /// Bytes of a file, or of the one that a symbolic link leads to; nil where there is none.
    private static func size(_ path: String) -> Int64? {
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let facts = try? FileManager.default.attributesOfItem(atPath: target),
            facts[.type] as? FileAttributeType == .typeRegular
        else { return nil }
        return (facts[.size] as? NSNumber)?.int64Value
    }

    private static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
