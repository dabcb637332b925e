import Finance
import GridProtocol
import Testing

@Suite struct MarketSnapshotRecordTests {
    @Test func aSnapshotComesBackInCanonicalOrder() throws {
        let snapshot = try Samples.snapshot()
        let bytes = MarketSnapshotRecord(snapshot).encoded()
        let read = try MarketSnapshotRecord.decode(bytes).marketSnapshot()
        #expect(read.curves.map(\.id) == ["EUR-6M", "EUR-ESTR", "FLAT"])
        #expect(Set(read.curves) == Set(snapshot.curves))
        #expect(read.discountCurves == snapshot.discountCurves)
        #expect(read.forwardCurves == snapshot.forwardCurves)
        #expect(Set(read.exchangeRates) == Set(snapshot.exchangeRates))
        #expect(Set(read.equities) == Set(snapshot.equities))
        #expect(Set(read.volatilities) == Set(snapshot.volatilities))
        #expect(Set(read.fixings) == Set(snapshot.fixings))
        #expect(read.name == snapshot.name)
        #expect(read.valuationDate == snapshot.valuationDate)
        #expect(read.baseCurrency == snapshot.baseCurrency)
        #expect(MarketSnapshotRecord(read).encoded() == bytes)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func bytesAndIDDoNotDependOnTheOrderOfTheInput(seed: UInt64) throws {
        var generator = SplitMix64(state: seed)
        let snapshot = try Samples.snapshot()
        var shuffled = snapshot
        shuffled.curves.shuffle(using: &generator)
        shuffled.exchangeRates.shuffle(using: &generator)
        shuffled.equities.shuffle(using: &generator)
        shuffled.volatilities.shuffle(using: &generator)
        shuffled.fixings.shuffle(using: &generator)
        shuffled.discountCurves = [:]
        for (key, value) in snapshot.discountCurves.shuffled(using: &generator) {
            shuffled.discountCurves[key] = value
        }
        #expect(
            MarketSnapshotRecord(shuffled).encoded() == MarketSnapshotRecord(snapshot).encoded()
        )
        #expect(SnapshotID(of: shuffled) == SnapshotID(of: snapshot))
    }

    @Test func theIDIsTheHashOfTheBytesAndNeverChanges() throws {
        let snapshot = try Samples.snapshot()
        let bytes = MarketSnapshotRecord(snapshot).encoded()
        let id = SnapshotID(of: snapshot)
        #expect(id.rawValue == "sha256:" + SHA256.digest(of: bytes).hexadecimal)
        #expect(SnapshotID(rawValue: id.rawValue) == id)
        // Stored ids must find their snapshots after an upgrade.
        #expect(
            id.rawValue == "sha256:15a75b06ccb5778693437aed6e2f7ff7f499faf676183d1bb25e63cfbfb45076"
        )
    }

    @Test func everyChangeChangesTheID() throws {
        let snapshot = try Samples.snapshot()
        var changed = snapshot
        changed.curves[0].nodes[1].value = (0.98).nextUp
        #expect(SnapshotID(of: changed) != SnapshotID(of: snapshot))
        changed = snapshot
        changed.valuationDate = snapshot.valuationDate.adding(days: 1)
        #expect(SnapshotID(of: changed) != SnapshotID(of: snapshot))
    }

    @Test func aZeroHasNoSign() throws {
        var snapshot = try Samples.snapshot()
        let id = SnapshotID(of: snapshot)
        snapshot.curves[2].nodes[0].value = -0.0
        #expect(SnapshotID(of: snapshot) == id)
    }

    @Test(
        arguments: [
            "", "sha256:", "sha256:00", "md5:" + String(repeating: "0", count: 64),
            "sha256:" + String(repeating: "0", count: 63) + "G",
            "sha256:" + String(repeating: "A", count: 64),
            "sha256:" + String(repeating: "0", count: 65),
        ])
    func otherTextsAreNoIDs(text: String) {
        #expect(SnapshotID(rawValue: text) == nil)
    }

    @Test func recordsThatMakeNoSenseAreRefused() throws {
        let sound = MarketSnapshotRecord(try Samples.snapshot())
        func expectRefusal(
            of change: (inout MarketSnapshotRecord) -> Void,
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            var record = sound
            change(&record)
            let error = refusal(sourceLocation: sourceLocation) {
                try record.marketSnapshot()
            }
            #expect(error?.code == .invalidValue, sourceLocation: sourceLocation)
        }
        expectRefusal { $0.baseCurrency = "XYZ" }
        expectRefusal { $0.valuationDay = 84_006 }
        expectRefusal { $0.valuationDay = .min }
        expectRefusal { $0.curves[0].currency = "" }
        expectRefusal { $0.curves[0].valueType = "Rate" }
        expectRefusal { $0.curves[0].dayCount = "Act" }
        expectRefusal { $0.curves[0].interpolation = "Cubic" }
        expectRefusal { $0.curves[0].extrapolation = "" }
        expectRefusal { $0.curves[0].values.removeLast() }
        expectRefusal { $0.curves[0].days.removeLast() }
        expectRefusal { $0.curves[0].labels.append("x") }
        expectRefusal { $0.curves[0].days[0] = 200_000 }
        expectRefusal { $0.discountCurves.append($0.discountCurves[0]) }
        expectRefusal { $0.forwardCurves.append($0.forwardCurves[0]) }
        expectRefusal { $0.forwardCurves[0].key = "EUR-LIBOR-6M" }
        expectRefusal { $0.exchangeRates[0].quote = "eur" }
        expectRefusal { $0.equities[0].currency = "E" }
        expectRefusal { $0.volatilities[0].dayCount = "" }
        expectRefusal { $0.volatilities[0].referenceDay = 90_000 }
        expectRefusal { $0.fixings[0].index = "" }
        expectRefusal { $0.fixings[0].values = [] }
    }
}
