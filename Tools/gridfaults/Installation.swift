internal import Foundation
internal import TestBed

/// Where what is tried is found.
struct Installation: Sendable {
    /// The repository, absolute.
    let root: String
    /// The directory of the programs, this one's own.
    let programs: String

    init(root: String) throws {
        self.root = URL(fileURLWithPath: root).standardizedFileURL.path
        programs = Programs.directory
        for path in ["\(self.root)/scripts/kafka-up", market, "\(programs)/valengine"]
        where !FileManager.default.fileExists(atPath: path) {
            throw FaultTestError("there is no \(path)")
        }
    }

    /// The market snapshot that the portfolio is valued on.
    var market: String { "\(root)/examples/market" }

    func program(_ name: String) -> String { "\(programs)/\(name)" }
}
