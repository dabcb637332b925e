internal import GridProtocol

extension EngineStatus {
    /// Appends the engine as `GET /engines` has it.
    func append(to text: inout JSONWriter) {
        let said = heartbeat
        text.begin("{")
        text.field("engine", said.engineID)
        text.field("state", state.rawValue)
        text.field("secondsSinceHeartbeat", secondsSinceHeartbeat)
        text.field("lastHeartbeat", ReportTime.text(seenAt))
        text.field("host", said.host)
        text.field("pid", Int(said.pid))
        text.field("startedAt", ReportTime.text(said.startedAt))
        text.field("secondsUp", seconds(since: said.startedAt))
        text.field("version", said.version)
        text.field("library", said.libraryVersion)
        text.field("delivery", said.delivery)
        text.field("pricers", Int(said.pricers))
        text.field("busyPricers", Int(said.busyPricers))
        text.field("batchesPerSecond", said.batchesPerSecond)
        text.field("tradesPerSecond", said.tradesPerSecond)
        text.field("batchesPriced", Int(clamping: said.batchesPriced))
        text.field("tradesPriced", Int(clamping: said.tradesPriced))
        text.field("pricerRestarts", Int(clamping: said.pricerRestarts))
        text.field("residentBytes", Int(clamping: said.residentBytes))
        text.field("pricerResidentBytes", Int(clamping: said.pricerResidentBytes))
        text.field("partitions", said.partitions.map(Int.init))
        text.field(
            "oldestWorkSince",
            said.work.first.map { .text(ReportTime.text($0.since)) } ?? .null
        )
        text.field(
            "work",
            said.work.map { work in
                [
                    ("job", .text(work.jobID)), ("batch", .integer(Int(work.batchIndex))),
                    ("since", .text(ReportTime.text(work.since))),
                    ("seconds", .number(seconds(since: work.since))),
                ]
            }
        )
        text.end("}")
    }
}
