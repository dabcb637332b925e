internal import Finance
internal import Glibc
internal import GridProtocol
internal import Operations
internal import Pricing

/// Answers the frames of an engine until its standard input ends.
///
/// Everything happens on one thread, as QuantLib demands.
struct PricerLoop {
    private var sessions = SessionCache(capacity: 4)
    private let worker: BatchPricer
    /// What it does wrong on purpose, for tests.
    private var scripted: ScriptedPricer?
    private var parser = FrameParser()

    init(allowsTestTrades: Bool, script: PricerScript? = nil) {
        worker = BatchPricer(allowsTestTrades: allowsTestTrades)
        scripted = script.map(ScriptedPricer.init)
    }

    /// Works until the engine closes the pipe.
    ///
    /// - Returns: the exit code.
    mutating func run() -> ExitCode {
        scripted?.start()
        var hello = PricerHello()
        hello.pricerVersion = BuildInformation.version
        hello.libraryVersion = PricingLibrary.version
        guard answer(.hello(hello)) else { return .failure }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(0, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? .success : .failure }
            parser.append(Array(chunk[..<count]))
            do {
                while let frame = try parser.next() {
                    guard let reply = handle(frame) else { continue }
                    guard answer(reply) else { return .failure }
                }
            } catch {
                standardError("pricer: \(error.reason)")
                return .failure
            }
        }
    }

    // MARK: Private

    /// Returns the answer to a frame; nil for those that get none.
    private mutating func handle(_ frame: [UInt8]) -> PricerReply.Reply? {
        do {
            switch try PricerRequest.decode(frame).request {
            case .snapshot(let upload)?:
                sessions.put(upload)
                return nil
            case .work(let work)?:
                return try price(work)
            case nil:
                return .refused(refusal(.undecodable, "the request has no content"))
            }
        } catch let error as WireError {
            return .refused(refusal(.undecodable, error.reason))
        } catch let error as PricingError {
            return .refused(refusal(error.code, error.message, field: error.field))
        } catch {
            return .refused(refusal(.undecodable, "\(error)"))
        }
    }

    private mutating func price(_ work: PricerWork) throws -> PricerReply.Reply? {
        let session = try sessions.session(of: work.snapshotID)
        let batch = try PricingBatch.decode(work.payload)
        let first = Int(work.first)
        let count = work.count == 0 ? batch.trades.count : Int(work.count)
        guard first >= 0, count >= 0, first <= batch.trades.count,
            count <= batch.trades.count - first
        else {
            return .refused(
                refusal(
                    .undecodable,
                    "trades \(first)..<\(first + count) of a batch of \(batch.trades.count)"
                )
            )
        }
        let range = first..<(first + count)
        let worker = worker
        let price = { worker.price(batch, range: range, in: session) }
        guard scripted != nil else { return reply(price()) }
        switch scripted?.answer(to: range, price: price) {
        case .results(let results)?: return reply(results)
        case .refusal?: return .refused(refusal(.undecodable, "the script refuses it"))
        case .garbage?, nil:
            _ = write([0, 0, 0, 3, 0xFF, 0xFF, 0xFF])
            return nil
        }
    }

    private func reply(_ results: [TradeResult]) -> PricerReply.Reply {
        .priced(
            PricedBatch(
                results: results,
                pricerVersion: BuildInformation.version,
                libraryVersion: PricingLibrary.version
            ).encoded()
        )
    }

    private func answer(_ reply: PricerReply.Reply) -> Bool {
        var message = PricerReply()
        message.reply = reply
        return write(message.encodedFrame())
    }

    private func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(
                    1,
                    buffer.baseAddress?.advanced(by: offset),
                    buffer.count - offset
                )
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                offset += count
            }
            return true
        }
    }
}

/// Why a request as a whole is refused.
private func refusal(
    _ code: FailureReason.Code,
    _ message: String,
    field: String = ""
) -> Failure {
    Failure(FailureReason(code: code, field: field, message: message))
}

/// Writes a line to standard error.
func standardError(_ line: String) {
    var text = line + "\n"
    text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
}
