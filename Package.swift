// swift-tools-version: 6.0
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // SwiftPM has a setting for it from 6.2 on; the manifest is to be read by 6.0.
    .unsafeFlags(["-warnings-as-errors"]),
]

/// A library target of ours.
func module(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    in folder: String = "Sources",
    exclude: [String] = []
) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "\(folder)/\(name)",
        exclude: exclude,
        swiftSettings: strict
    )
}

/// A program of ours.
func program(
    _ name: String,
    _ dependencies: [Target.Dependency],
    in folder: String = "Sources"
) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: "\(folder)/\(name)",
        swiftSettings: strict
    )
}

/// The tests of a module.
func tests(
    _ name: String,
    _ dependencies: [Target.Dependency],
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies,
        resources: resources,
        swiftSettings: strict
    )
}

let package = Package(
    name: "valgrid",
    targets: [
        // C libraries of Debian
        .systemLibrary(
            name: "CRDKafka",
            pkgConfig: "rdkafka",
            providers: [.apt(["librdkafka-dev"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(
            name: "CMicrohttpd",
            pkgConfig: "libmicrohttpd",
            providers: [.apt(["libmicrohttpd-dev"])]
        ),
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .systemLibrary(
            name: "CCrypto",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        .target(
            name: "CQuantLib",
            cxxSettings: [.unsafeFlags(["-O2"])],
            linkerSettings: [.linkedLibrary("QuantLib"), .linkedLibrary("m")]
        ),

        .target(name: "CProcess"),

        // Modules, lowest first
        module("Finance"),
        module("Operations", ["CProcess"]),
        module("HTTP", ["CCurl", "CMicrohttpd", "Operations"]),
        module("KafkaClient", ["CRDKafka"]),
        module("KafkaEmbedded", ["CRDKafka", "KafkaClient"]),
        module("PortfolioFiles", ["Finance"]),
        module("Pricing", ["CQuantLib", "Finance"]),
        module("GridProtocol", ["CCrypto", "CProcess", "Finance"], exclude: ["Schema"]),
        module("GridTopics", ["GridProtocol", "KafkaClient"]),
        module(
            "GridSubmission",
            ["Finance", "GridProtocol", "GridTopics", "KafkaClient", "Operations"]
        ),
        module(
            "GridEngine",
            ["CProcess", "Finance", "GridProtocol", "GridTopics", "KafkaClient", "Operations"]
        ),
        module("GridAPI"),
        module("Scaling", ["CProcess", "GridAPI", "Operations"]),
        module("Kubernetes", ["GridAPI", "HTTP", "Operations", "Scaling"]),
        module(
            "Manager",
            [
                "CCrypto", "Finance", "GridAPI", "GridProtocol", "GridSubmission", "GridTopics",
                "HTTP", "KafkaClient", "Operations", "PortfolioFiles", "Scaling", "TradeAnalysis",
            ]
        ),
        module(
            "Ledger",
            ["CSQLite", "Finance", "GridProtocol", "GridTopics", "KafkaClient", "Operations"]
        ),
        module("Reports", ["Finance", "GridAPI", "GridProtocol", "Ledger", "Operations"]),
        module(
            "AggregatorAPI",
            [
                "Finance", "GridAPI", "GridProtocol", "HTTP", "KafkaClient", "Ledger", "Operations",
                "Reports",
            ]
        ),
        module(
            "TradeAnalysis",
            ["CProcess", "Finance", "GridAPI", "GridProtocol", "Operations"]
        ),
        module(
            "GridPrograms",
            [
                "CProcess", "Finance", "GridAPI", "GridEngine", "GridProtocol",
                "GridSubmission", "GridTopics", "HTTP", "KafkaClient", "Operations",
                "PortfolioFiles",
            ]
        ),

        // Programs
        program(
            "pricer",
            ["CProcess", "Finance", "GridProtocol", "Operations", "PortfolioFiles", "Pricing"]
        ),
        program(
            "valengine",
            [
                "GridEngine", "GridPrograms", "GridProtocol", "GridTopics", "HTTP", "KafkaClient",
                "Operations",
            ]
        ),
        program(
            "aggregator",
            [
                "AggregatorAPI", "GridPrograms", "GridProtocol", "GridTopics", "HTTP",
                "KafkaClient",
                "Ledger", "Operations",
            ]
        ),
        program(
            "eodservice",
            [
                "Finance", "GridAPI", "GridPrograms", "GridProtocol", "GridSubmission",
                "GridTopics",
                "HTTP", "KafkaClient", "Operations", "PortfolioFiles", "Reports",
            ]
        ),
        program(
            "compute-manager",
            [
                "GridPrograms", "GridProtocol", "GridTopics", "HTTP", "KafkaClient", "Kubernetes",
                "Manager", "Operations", "Scaling",
            ]
        ),
        program(
            "valgrid",
            [
                "AggregatorAPI", "HTTP", "Manager", "Scaling",
                "Finance", "GridAPI", "GridEngine", "GridPrograms", "GridProtocol",
                "GridSubmission",
                "GridTopics", "KafkaClient", "KafkaEmbedded", "Ledger", "Operations",
                "PortfolioFiles", "Reports",
            ]
        ),
        // What tries and measures them
        module(
            "TestBed",
            [
                "AggregatorAPI", "CProcess", "Finance", "GridEngine", "GridProtocol",
                "GridSubmission", "GridTopics", "HTTP", "KafkaClient", "KafkaEmbedded", "Ledger",
                "Operations", "PortfolioFiles", "Reports",
            ],
            in: "Tools"
        ),
        program(
            "gridbench",
            [
                "CProcess", "Finance", "GridAPI", "GridProtocol", "Ledger", "Operations",
                "PortfolioFiles", "Pricing", "Reports", "TestBed",
            ],
            in: "Tools"
        ),
        program(
            "manager-bench",
            [
                "AggregatorAPI", "GridAPI", "GridPrograms", "GridProtocol", "HTTP", "KafkaClient",
                "Ledger", "Operations", "Reports", "TestBed",
            ],
            in: "Tools"
        ),
        program(
            "gridfaults",
            [
                "Finance", "GridProtocol", "HTTP", "KafkaClient", "Operations", "PortfolioFiles",
                "TestBed",
            ],
            in: "Tools"
        ),

        // Tests
        .target(
            name: "KafkaFakes",
            dependencies: ["GridTopics", "KafkaClient"],
            path: "Tests/Fakes",
            swiftSettings: strict
        ),
        module("RawHTTP", in: "Tests"),
        tests("FinanceTests", ["Finance"]),
        tests("OperationsTests", ["Operations", "HTTP", "RawHTTP"]),
        tests("KafkaClientTests", ["KafkaClient", "KafkaEmbedded"]),
        tests("KafkaEmbeddedTests", ["KafkaClient", "KafkaEmbedded"]),
        tests("PortfolioFilesTests", ["Finance", "PortfolioFiles"]),
        tests(
            "PricingTests",
            ["CQuantLib", "Finance", "PortfolioFiles", "Pricing"],
            resources: [.copy("Resources")]
        ),
        tests("GridProtocolTests", ["Finance", "GridProtocol"]),
        tests(
            "GridSubmissionTests",
            [
                "Finance", "GridProtocol", "GridSubmission", "GridTopics", "KafkaClient",
                "KafkaEmbedded", "Operations",
            ]
        ),
        tests(
            "GridEngineTests",
            [
                "Finance", "GridEngine", "GridProtocol", "GridTopics", "KafkaClient", "KafkaFakes",
                "Operations",
            ]
        ),
        tests("ScalingTests", ["GridAPI", "Operations", "Scaling"]),
        tests("KubernetesTests", ["GridAPI", "HTTP", "Kubernetes", "Operations", "Scaling"]),
        tests("GridProgramsTests", ["GridPrograms", "Operations"]),
        tests(
            "LedgerTests",
            [
                "AggregatorAPI", "Finance", "GridAPI", "GridProtocol", "GridTopics", "HTTP",
                "KafkaClient", "Ledger", "Operations", "Reports",
            ]
        ),
        tests(
            "ManagerTests",
            [
                "GridAPI", "GridProtocol", "GridSubmission", "GridTopics", "HTTP", "KafkaClient",
                "KafkaEmbedded", "Manager", "Operations", "RawHTTP", "Scaling",
            ]
        ),
        tests("GridFaultsTests", ["PortfolioFiles", "gridfaults"]),
        tests("PricerProgramTests", ["Finance", "pricer"]),
        tests(
            "TradeAnalysisTests",
            ["Finance", "GridAPI", "GridProtocol", "PortfolioFiles", "TradeAnalysis", "pricer"]
        ),
        tests(
            "EmbeddedGridTests",
            [
                "AggregatorAPI", "Finance", "GridEngine", "GridProtocol", "GridSubmission",
                "GridTopics", "KafkaClient", "Ledger", "Operations", "Reports", "TestBed",
            ]
        ),
        tests(
            "EndToEndTests",
            [
                "Finance", "GridEngine", "GridProtocol", "GridSubmission", "GridTopics",
                "KafkaClient", "KafkaEmbedded", "Operations", "HTTP", "GridAPI", "TestBed",
            ]
        ),
    ],
    cxxLanguageStandard: .cxx17
)
