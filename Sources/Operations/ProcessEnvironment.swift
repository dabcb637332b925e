/// The environment's variables as they were when the process started.
public func processEnvironment() -> [String: String] {
    guard let bytes = contents(ofFile: "/proc/self/environ") else { return [:] }
    var result: [String: String] = [:]
    for entry in bytes.split(separator: 0) {
        guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
        let name = String(decoding: entry[..<equals], as: UTF8.self)
        guard result[name] == nil else { continue }
        result[name] = String(decoding: entry[(equals + 1)...], as: UTF8.self)
    }
    return result
}
