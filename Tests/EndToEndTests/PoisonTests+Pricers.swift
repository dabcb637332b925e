import Finance
import Foundation
import GridProtocol
import TestBed
import Testing

/// Trades that eat memory or give no number, and pricers that are not ours.
extension PoisonTests {
    // MARK: Pricers that cannot be started

    @Test(arguments: [nil, "no program of any kind", "#!/bin/sh\nexit 3\n"])
    func anEngineWithoutAPricerEndsWithOneLine(text: String?) async throws {
        let grid = try Grid(.embedded)
        let scratch = try Scratch()
        let pricer = scratch.path("pricer")
        if let text { _ = try scratch.write(program: text, to: "pricer") }
        let engine = try await grid.startEngine(["--pricer", pricer], isReady: false)
        #expect(try await engine.end(within: .seconds(60)) == 1)
        let said = (engine.standardError + engine.standardOutput).split(separator: "\n")
            .filter { $0.contains(pricer) && !$0.contains("setting") }
        #expect(said.count == 1, "\(engine.standardError)\(engine.standardOutput)")
    }

    // MARK: Private

    /// A pricer that gives each piece of work the same answer.
    static func pricer(answering reply: PricerReply.Reply, in scratch: Scratch) throws -> String {
        let hello = PricerReply.Reply.hello(
            PricerHello(pricerVersion: "test", libraryVersion: "none")
        )
        for (name, reply) in [("hello", hello), ("answer", reply)] {
            var message = PricerReply()
            message.reply = reply
            try Data(message.encodedFrame())
                .write(to: URL(fileURLWithPath: scratch.path(name)))
        }
        let program = """
            #!/usr/bin/perl
            sub frame { open(my $f, '<:raw', $_[0]) or die; local $/; return scalar <$f>; }
            sub say { my $b = frame($_[0]); my $at = 0;
                while ($at < length $b) { $at += syswrite(STDOUT, $b, length($b) - $at, $at) // die; } }
            sub take { my $b = '';
                while (length $b < $_[0]) {
                    sysread(STDIN, $b, $_[0] - length $b, length $b) or exit 0;
                }
                return $b; }
            binmode STDIN; binmode STDOUT;
            say('\(scratch.path("hello"))');
            while (1) {
                my $request = take(unpack('N', take(4)));
                say('\(scratch.path("answer"))') if ord($request) == 0x12;
            }

            """
        return try scratch.write(program: program, to: "pricer")
    }
}
