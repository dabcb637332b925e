/// Ends the process, which the fuzzer takes for a finding, unless `condition` holds.
func require(_ condition: @autoclosure () -> Bool, _ promise: @autoclosure () -> String) {
    if !condition() { fatalError("broken promise: \(promise())") }
}

/// Returns what `body` returns; ends the process when it throws what it must not throw.
func mustSucceed<Value, Failure: Error>(
    _ promise: String,
    _ body: () throws(Failure) -> Value
) -> Value {
    do throws(Failure) {
        return try body()
    } catch {
        fatalError("broken promise: \(promise): \(error)")
    }
}
