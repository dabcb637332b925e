import Testing

@testable import GridEngine

@Suite(.timeLimit(.minutes(1))) struct ChildEnvironmentTests {
    @Test func pricersGetNoSecretsOfTheEngine() {
        let entries = ChildEnvironment.entries(of: [
            "PATH=/bin", "VALGRID_KAFKA_PASSWORD=hunter2", "LANG=C.UTF-8", "LC_ALL=C",
            "VALGRID_KAFKA_PASSWORD_FILE=/run/secrets/p", "VALGRID_KAFKA_CONFIG=sasl.password=x",
            "AWS_SECRET_ACCESS_KEY=y", "PRICER_LICENSE=/opt/licence", "TZ=UTC", "nonsense",
            "SWIFT_BACKTRACE=enable=no", "KAFKA_HOME=/opt/kafka", "PATHS=/x", "MY_LC_ALL=C",
        ])
        #expect(
            entries == [
                "PATH=/bin", "LANG=C.UTF-8", "LC_ALL=C", "PRICER_LICENSE=/opt/licence", "TZ=UTC",
                "SWIFT_BACKTRACE=enable=no",
            ]
        )
    }

    @Test func aChildHasWhatIsLeft() throws {
        let child = try ChildProcess(path: "/usr/bin/env", arguments: ["-0"])
        var output: [UInt8] = []
        var chunk: [UInt8] = []
        while child.read(into: &chunk, before: .now + .seconds(20)) == .done { output += chunk }
        #expect(child.end(grace: .seconds(20)).code == 0)
        let entries = output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        #expect(entries == ChildEnvironment.ofThisProcess)
        #expect(entries.contains { $0.hasPrefix("PATH=") })
    }
}
