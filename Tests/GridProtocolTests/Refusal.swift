import GridProtocol
import Testing

/// Returns the error that `body` throws; nil, with an issue, when it throws none.
func refusal(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> some Any
) -> WireError? {
    do {
        _ = try body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        return nil
    } catch let error as WireError {
        return error
    } catch {
        Issue.record("\(error) was thrown", sourceLocation: sourceLocation)
        return nil
    }
}
