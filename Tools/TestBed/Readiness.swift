internal import HTTP

/// Waits until a process says at `/readyz` that it is ready.
///
/// - Parameters:
///   - process: which must not end meanwhile.
///   - url: where it serves, without a path.
///   - limit: how long it may take.
/// - Throws: ``TestBedError`` when it is not ready in time, or has ended; with what it said last.
package func awaitReady(_ process: RunningProcess, _ url: String, within limit: Duration)
    async throws
{
    var last = "no answer"
    do {
        try await eventually("\(process.name) is ready", within: limit) {
            guard process.isRunning else {
                throw TestBedError(
                    "\(process.name) ended with \(process.status ?? 0): \(process.standardError)"
                )
            }
            let answer = try? await HTTPClient().get("\(url)/readyz", timeout: .seconds(2))
            if let answer { last = String(decoding: answer.body, as: UTF8.self) }
            return answer?.status == 200
        }
    } catch let error as TestBedError {
        throw TestBedError("\(error) (\(last)); it said: \(process.lastWords)")
    }
}
