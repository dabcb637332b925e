import Finance
import GridProtocol
import PortfolioFiles

/// Market snapshots: `J` and a JSON file, or `C` and the CSV files of a directory in alphabetical
/// order, each followed by the byte 0x1C; small letters for small limits.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: start, count: count)
    guard let letter = input.first else { return -1 }
    let limits = limits(for: letter)
    let bytes = input.dropFirst()
    do throws(FileProblems) {
        switch letter & ~0x20 {
        case UInt8(ascii: "J"):
            check(try readSnapshot(bytes: Array(bytes), name: "market.json", limits: limits))
        case UInt8(ascii: "C"):
            var files: [String: [UInt8]] = [:]
            let contents = bytes.split(separator: 0x1C, omittingEmptySubsequences: false)
            for (name, content) in zip(SnapshotFiles.names, contents) where !content.isEmpty {
                files[name] = Array(content)
            }
            check(try readSnapshot(files: files, directory: "market", limits: limits))
        default: return -1
        }
    } catch {
        check(error, limits: limits)
    }
    return 0
}

/// A snapshot that was read is sound, and the same after a way through files and the wire.
private func check(_ snapshot: MarketSnapshot) {
    require(snapshot.problems().isEmpty, "a snapshot that was read has no problems")
    let json = mustSucceed("a written snapshot is read") { () throws(FileProblems) in
        try readSnapshot(bytes: encodedSnapshot(snapshot), name: "again.json")
    }
    require(json == snapshot, "a snapshot survives JSON")
    let csv = mustSucceed("written files are read") { () throws(FileProblems) in
        try readSnapshot(files: encodedSnapshotFiles(snapshot), directory: "again")
    }
    require(SnapshotID(of: csv) == SnapshotID(of: snapshot), "a snapshot survives CSV")
    WireChecks.checkMessage(
        MarketSnapshotRecord.self,
        MarketSnapshotRecord(snapshot).encoded()
    )
}
