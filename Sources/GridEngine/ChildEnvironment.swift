internal import Glibc

/// The environment of pricers: the engine's environment may hold the password to Kafka, which a
/// pricer does not need, and a pricer may be any program.
enum ChildEnvironment {
    private static let names: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "TZDIR", "LANG", "LANGUAGE",
        "LD_LIBRARY_PATH", "LD_PRELOAD", "GLIBC_TUNABLES",
    ]

    /// Of families of names: the locale, Swift's runtime, the allocator, sanitizers, and what is
    /// meant for a pricer.
    private static let families = [
        "LC_", "SWIFT_", "MALLOC_", "ASAN_", "LSAN_", "TSAN_", "UBSAN_", "PRICER_",
    ]

    /// Returns the entries, `NAME=VALUE`, that a pricer gets.
    static func entries(of environment: [String]) -> [String] {
        environment.filter { entry in
            guard let equals = entry.firstIndex(of: "=") else { return false }
            let name = String(entry[..<equals])
            return names.contains(name) || families.contains(where: name.hasPrefix)
        }
    }

    /// What a pricer of this process gets.
    static let ofThisProcess: [String] = {
        var all: [String] = []
        var next = environ
        while let entry = next.pointee {
            all.append(String(cString: entry))
            next += 1
        }
        return entries(of: all)
    }()
}
