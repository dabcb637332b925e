import Foundation
import TestBed
import Testing

/// What the programs do where a shell gives them less than they want.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ShellTests {
    /// Runs a line of sh with the programs on the path.
    private func shell(_ line: String, _ scratch: Scratch) async throws -> (
        code: Int32, output: String, errors: String
    ) {
        let process = Process()
        let output = scratch.url.appendingPathComponent("sh.out")
        let errors = scratch.url.appendingPathComponent("sh.err")
        for file in [output, errors] { try Data().write(to: file) }
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.environment = [
            "PATH": "\(Programs.directory):/usr/bin:/bin", "TMPDIR": scratch.path("tmp"),
            "SWIFT_BACKTRACE": "enable=no",
            "RUN": "valgrid run \(Repository.path("examples/portfolio.json")) --market "
                + "\(Repository.path("examples/market")) --metrics NPV",
        ]
        process.currentDirectoryURL = scratch.url
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        try await eventually("sh ends", within: .seconds(100)) { !process.isRunning }
        process.waitUntilExit()
        return (
            process.terminationStatus, try String(contentsOf: output, encoding: .utf8),
            try String(contentsOf: errors, encoding: .utf8)
        )
    }

    private func scratch() throws -> Scratch {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(
            atPath: scratch.path("tmp"),
            withIntermediateDirectories: true
        )
        return scratch
    }

    private func leftBehind(_ scratch: Scratch) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch.path("tmp"))
    }

    @Test(arguments: ["eodservice", "valgrid", "aggregator", "valengine", "pricer"])
    func aFullOrClosedStandardOutputIsASentence(program: String) async throws {
        let scratch = try scratch()
        for option in ["--help", "--version"] {
            let full = try await shell("\(program) \(option) > /dev/full", scratch)
            #expect(full.code == 1)
            #expect(
                full.errors
                    == "\(program): standard output cannot be written: No space left on device\n"
            )
            let closed = try await shell("\(program) \(option) >&-", scratch)
            #expect(closed.code == 1)
            #expect(closed.errors == "\(program): standard output is closed\n")
        }
        // A reader that has gone ends it as it ends every program: by SIGPIPE, without a word.
        let line = "(\(program) --help; echo $? >&2) | true"
        for _ in 0..<5 {
            let gone = try await shell(line, scratch)
            #expect(["0\n", "141\n"].contains(gone.errors))
        }
    }

    @Test func aFullStandardOutputKeepsTheResultsOfARun() async throws {
        let scratch = try scratch()
        let full = try await shell("$RUN > /dev/full", scratch)
        #expect(full.code == 1)
        let kept = try #require(try leftBehind(scratch).first)
        #expect(full.errors.contains("standard output cannot be written"))
        #expect(full.errors.contains("/tmp/\(kept) --job-id "))
        let job = try #require(full.errors.split(separator: "--job-id ").last).prefix { $0 != " " }
        let again = try await shell(
            "valgrid report tmp/\(kept) --job-id \(job) --output out",
            scratch
        )
        #expect(again.code == 0 || again.code == 3, "\(again.errors)")
        #expect(again.output.contains("trades 12 = results"))
        #expect(try Report(scratch.url.appendingPathComponent("out")).trades.count == 12)
    }

    @Test func tooFewOpenFilesAreRefusedAtTheStart() async throws {
        let scratch = try scratch()
        let few = try await shell("ulimit -n 1024; $RUN --engines 48", scratch)
        #expect(few.code == 2)
        #expect(few.errors.contains("48 engines need up to"))
        #expect(few.errors.split(separator: "\n").count == 1)
        // The soft limit is raised to the hard one.
        let raised = try await shell("ulimit -S -n 64; $RUN --engines 4", scratch)
        #expect(raised.code == 0 || raised.code == 3, "\(raised.errors)")
        #expect(try leftBehind(scratch).isEmpty)
    }

    @Test func anOutputThatIsAFileAndALimitThatIsTooSmallAreSentences() async throws {
        let scratch = try scratch()
        let file = try scratch.write("", to: "file")
        let output = try await shell("$RUN --output \(file)", scratch)
        #expect(output.code == 2)
        #expect(
            output.errors
                == "valgrid: --output: cannot make the directory \(file): Not a directory\n"
        )
        for program in ["$RUN --pricer-memory-limit 8", "pricer --memory-limit 8 < /dev/null"] {
            let memory = try await shell(program, scratch)
            #expect(memory.code == 2)
            #expect(memory.errors.contains("memory-limit 8: a pricer needs 64 MiB or more"))
            #expect(memory.errors.split(separator: "\n").count == 1)
        }
        #expect(try leftBehind(scratch).isEmpty)
    }

    @Test(arguments: ["HUP", "TERM", "INT", "QUIT"])
    func aSignalLeavesNothingBehind(signal: String) async throws {
        let scratch = try scratch()
        let portfolio = try scratch.write(TestMarket.options(400), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let ended = try await shell(
            """
            trap - \(signal)
            valgrid run \(portfolio) --market \(market) --metrics OptionPV & job=$!
            while [ -z "$(ls tmp)" ]; do sleep 0.05; done
            kill -\(signal) $job; wait $job
            """,
            scratch
        )
        #expect(ended.code != 0)
        #expect(try leftBehind(scratch).isEmpty)
    }
}
