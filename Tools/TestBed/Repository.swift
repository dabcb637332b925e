package import Foundation

/// The repository that this was built from.
package enum Repository {
    /// Its directory.
    package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The path of a file in it.
    package static func path(_ relative: String) -> String {
        root.appendingPathComponent(relative).path
    }
}

/// The programs, which are beside this one.
package enum Programs {
    /// Their directory.
    package static let directory = URL(fileURLWithPath: "/proc/self/exe")
        .resolvingSymlinksInPath().deletingLastPathComponent().path

    /// The path of a program.
    package static func path(_ name: String) -> String { "\(directory)/\(name)" }
}
