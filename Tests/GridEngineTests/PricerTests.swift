import Finance
import Foundation
import GridProtocol
import Operations
import Testing

@testable import GridEngine

/// Pricers of all kinds: programs that speak the frames, more or less.
@Suite(.serialized, .timeLimit(.minutes(1))) struct PricerTests {
    /// A pricer in Perl that greets, then does what `body` says at each piece of work.
    ///
    /// The body has `reply(bytes)` and `frame("N")`: the N-th of `answers`, as a frame. What comes
    /// before the greeting is `opening`.
    private final class Script {
        let directory: URL
        var path: String { directory.appendingPathComponent("pricer").path }

        init(
            _ body: String,
            answers: [PricerReply.Reply] = [],
            opening: String = ""
        ) throws {
            directory = FileManager.default.temporaryDirectory
                .appendingPathComponent("valgrid-\(UUID().uuidString)")
            try FileManager.default.createDirectory(
                at: directory,
                withIntermediateDirectories: true
            )
            let hello = PricerReply.Reply.hello(
                PricerHello(pricerVersion: "test", libraryVersion: "none")
            )
            for (position, reply) in ([hello] + answers).enumerated() {
                var message = PricerReply()
                message.reply = reply
                try Data(message.encodedFrame())
                    .write(to: directory.appendingPathComponent(String(position)))
            }
            let text = """
                #!/usr/bin/perl
                use strict;
                sub frame {
                    open(my $file, '<:raw', '\(directory.path)/' . $_[0]) or die;
                    local $/; return scalar <$file>;
                }
                sub reply { syswrite(STDOUT, $_[0]); }
                sub take {
                    my ($wanted, $bytes) = ($_[0], '');
                    while (length($bytes) < $wanted) {
                        sysread(STDIN, $bytes, $wanted - length($bytes), length($bytes)) or exit 0;
                    }
                    return $bytes;
                }
                binmode STDIN; binmode STDOUT;
                \(opening)
                reply(frame(0));
                while (1) {
                    my $request = take(unpack('N', take(4)));
                    next if ord($request) != 0x12;  # not a piece of work
                    \(body)
                }

                """
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }

        deinit { try? FileManager.default.removeItem(at: directory) }
    }

    private func answer(_ count: Int) -> PricerReply.Reply {
        let trades = (0..<count).map { _ in TradeResult(outcome: .expired) }
        return .priced(PricedBatch(results: trades).encoded())
    }

    private func ask(
        _ pricer: Pricer,
        for count: Int,
        limit: Duration = .seconds(20)
    ) async throws -> PricerAnswer {
        try await pricer.price(
            snapshotID: "s",
            snapshot: [1],
            payload: [2][...],
            range: 0..<count,
            limit: limit
        )
    }

    /// The code and words with which a pricer was lost; nil when it was not.
    private func loss(_ answer: PricerAnswer) -> (code: FailureReason.Code, message: String)? {
        guard case .lost(let reason, _) = answer else { return nil }
        return (reason.code, reason.message)
    }

    @Test func aProgramThatSpeaksTheFramesIsAPricer() async throws {
        let script = try Script("reply(frame(1));", answers: [answer(3)])
        let pricer = Pricer(configuration: PricerConfiguration(path: script.path))
        for _ in 0..<3 {
            guard case .priced(let bytes) = try await ask(pricer, for: 3) else {
                Issue.record("no answer")
                return
            }
            #expect(try PricedBatch.decode(bytes).trades.count == 3)
        }
        #expect(await pricer.starts == 1)
        await pricer.stop()
    }

    @Test func whatAPricerWritesToStandardErrorIsLoggedWithItsBatch() async throws {
        let script = try Script(
            "print STDERR 'odd'; reply(frame(1)); die 'dead';",
            answers: [answer(3)],
            opening: "print STDERR \"hello\\n\";"
        )
        let log = LogBuffer(capacity: 10)
        let pricer = Pricer(
            configuration: PricerConfiguration(path: script.path),
            logger: Logger(label: "test", descriptor: nil, sink: { log.append($0) })
        )
        _ = try await pricer.price(
            snapshotID: "s",
            snapshot: [1],
            payload: [2][...],
            range: 0..<3,
            limit: .seconds(20),
            facts: [.jobID: "j", .batchIndex: "7"]
        )
        let pid = try #require(await pricer.pid)
        await pricer.stop()
        let lines = log.drain().lines
        #expect(lines.first?.metadata[.output] == "hello")
        let rest = lines.dropFirst().compactMap { $0.metadata[.output] }.joined()
        #expect(rest.hasPrefix("odddead at "))
        for line in lines {
            #expect(line.level == .warning)
            #expect(line.metadata[.pricerPID] == String(pid))
            #expect(line.metadata[.jobID] == "j")
            #expect(line.metadata[.batchIndex] == "7")
        }
    }

    @Test func aPricerThatIsKilledBeforeItIsReadyIsStartedAgain() async throws {
        // The first two are killed, and leave a mark each.
        let script = try Script(
            "reply(frame(1));",
            answers: [answer(3)],
            opening: """
                my $mark = (grep { !-e "$0.$_" } 1..2)[0];
                if ($mark) { open(my $file, '>', "$0.$mark") or die; kill 9, $$; }
                """
        )
        let pricer = Pricer(configuration: PricerConfiguration(path: script.path))
        try await pricer.start()
        #expect(await pricer.starts == 3)
        await pricer.stop()
    }

    @Test(arguments: [
        ("kill 9, $$;", "ended before it was ready: ended by signal 9", 3),
        ("exit 4;", "ended before it was ready: exited with 4", 1),
        ("sleep 60;", "is not ready after 1.0 s", 1),
        ("reply('x' x 5000);", "does not start with a pricer's hello", 1),
    ])
    func aPricerThatDoesNotGetReadyIsSaidToBeWhatItIs(
        opening: String,
        words: String,
        starts: Int
    ) async throws {
        let script = try Script("", opening: opening)
        let pricer = Pricer(
            configuration: PricerConfiguration(path: script.path, startLimit: .seconds(1))
        )
        var message = ""
        do {
            try await pricer.start()
        } catch {
            message = error.description
        }
        #expect(message.contains(words), "\(message)")
        #expect(await pricer.starts == starts)
        #expect(await pricer.pid == nil)
    }

    @Test(arguments: [
        // A result too few, and one too many.
        ("reply(frame(1));", FailureReason.Code.pricerAnswerInvalid, "2 results for 3 trades"),
        ("reply(frame(2));", .pricerAnswerInvalid, "4 results for 3 trades"),
        // The second greeting is not an answer.
        ("reply(frame(0));", .pricerAnswerInvalid, "did not answer with a batch"),
        // A frame of 4 GiB, and one that is no message.
        ("reply(\"\\xFF\\xFF\\xFF\\xFF\");", .pricerAnswerInvalid, "over the limit"),
        ("reply(pack('N', 3) . \"\\xFF\\xFF\\xFF\");", .pricerAnswerInvalid, "cannot be decoded"),
        // A byte now and then, for ever.
        (
            "for my $byte (split //, frame(3)) { reply($byte); select(undef, undef, undef, 0.2); }",
            .pricerTimedOut, "within"
        ),
        // Silence after the output was closed, and an end in the middle of an answer.
        ("close(STDIN); close(STDOUT); sleep 60;", .pricerCrashed, "signal 9"),
        ("reply(substr(frame(3), 0, 5)); exit 3;", .pricerCrashed, "exited with 3"),
    ])
    func whatIsNoAnswerEndsThePricerAndNotTheEngine(
        body: String,
        code: FailureReason.Code,
        words: String
    ) async throws {
        let script = try Script(body, answers: [answer(2), answer(4), answer(3)])
        let pricer = Pricer(configuration: PricerConfiguration(path: script.path))
        let lost = loss(try await ask(pricer, for: 3, limit: .seconds(1)))
        #expect(lost?.code == code)
        #expect(lost?.message.contains(words) == true, "\(lost?.message ?? "")")
        #expect(await pricer.pid == nil)
        await pricer.stop()
    }

    @Test func anAnswerTooManyIsNotTakenForTheNextBatchs() async throws {
        let script = try Script("reply(frame(1) . frame(2));", answers: [answer(3), answer(5)])
        let pricer = Pricer(configuration: PricerConfiguration(path: script.path))
        for _ in 0..<2 {
            guard case .priced = try await ask(pricer, for: 3) else {
                Issue.record("no answer")
                return
            }
        }
        #expect(await pricer.starts == 2)
        await pricer.stop()
    }

    @Test func aPricerThatDiedWhileIdleIsReplacedWithoutBlame() async throws {
        let script = try Script("reply(frame(1));", answers: [answer(3)])
        let pricer = Pricer(configuration: PricerConfiguration(path: script.path))
        _ = try await ask(pricer, for: 3)
        let first = try #require(await pricer.pid)
        kill(first, SIGKILL)
        for _ in 0..<500 where !Self.isZombie(first) { usleep(10_000) }
        guard case .priced = try await ask(pricer, for: 3) else {
            Issue.record("no answer")
            return
        }
        #expect(await pricer.starts == 2)
        await pricer.stop()
    }

    /// The system refuses a pricer more data than its limit; what else makes it large, the engine
    /// has to see.
    @Test(arguments: [true, false])
    func aPricerThatTakesTooMuchMemoryIsEndedAndSaysSo(isData: Bool) async throws {
        let eat =
            isData
            ? "my @all; while (1) { push @all, 'x' x 900 . @all; }"
            : """
            my $name = "/dev/shm/valgrid-$$";
            open(my $file, '+>', $name) or die; unlink($name);
            truncate($file, 512 << 20);
            my $at = syscall(9, 0, 512 << 20, 3, 1, fileno($file), 0);  # mmap, shared
            for (my $page = 0; $page < 512 << 20; $page += 4096) {
                my $byte = unpack('P1', pack('Q', $at + $page));
            }
            sleep 60;
            """
        let script = try Script(eat)
        let limit = 96 << 20
        let pricer = Pricer(
            configuration: PricerConfiguration(path: script.path, memoryLimit: limit)
        )
        let answer = try await ask(pricer, for: 3)
        #expect(loss(answer)?.code == .pricerOutOfMemory, "\(answer)")
        #expect(loss(answer)?.message.contains("96 MiB") == true)
        await pricer.stop()
    }

    private static func isZombie(_ pid: Int32) -> Bool {
        let stat = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        return stat.split(separator: ")").last?.hasPrefix(" Z") ?? true
    }
}
