import Testing

@testable import gridfaults

@Suite struct FaultPlanTests {
    private let setting = FaultPlan.Setting(brokers: 1, session: 4, storm: 60)

    private func plan(_ kind: FaultKind?, seed: UInt64 = 1, round: Int = 1) -> FaultPlan {
        FaultPlan(kind, seed: seed, round: round, setting: setting)
    }

    @Test(arguments: FaultKind.allCases)
    func isTheSameForTheSameSeed(kind: FaultKind) {
        for round in 1...20 {
            let first = plan(kind, seed: 5, round: round)
            let second = plan(kind, seed: 5, round: round)
            #expect(first.injections == second.injections)
            #expect(first.submitterDiesAfter == second.submitterDiesAfter)
            #expect(first.proxiedEngine == second.proxiedEngine)
        }
        let plans = (1...20).map { plan(kind, round: $0) }
        // Nothing of a storm is left to chance.
        let count = kind == .storm ? 1 : 20
        let different = Set(plans.map { "\($0.injections) \($0.submitterDiesAfter ?? -1)" })
        #expect(different.count == count)
    }

    @Test func breaksNothingWhenNothingIsAskedFor() {
        let plan = plan(nil)
        #expect(plan.injections.isEmpty)
        #expect(plan.submitterDiesAfter == nil)
    }

    @Test(arguments: FaultKind.allCases)
    func leavesOneEngineAlone(kind: FaultKind) {
        for round in 1...300 {
            let plan = plan(kind, round: round)
            #expect(plan.steadyEngine != plan.proxiedEngine)
            for injection in plan.injections {
                switch injection.fault {
                case .killEngine(let engine, _, _), .stopEngine(let engine, _):
                    #expect(engine != plan.steadyEngine)
                    #expect((0..<FaultPlan.engineCount).contains(engine))
                case .killPricer(let engine):
                    #expect((0..<FaultPlan.engineCount).contains(engine))
                default: break
                }
            }
        }
    }

    @Test func killsTwoDifferentEngines() {
        for round in 1...50 {
            let engines = plan(.engines, round: round).injections.compactMap { injection in
                if case .killEngine(let engine, _, _) = injection.fault { return engine }
                return Int?.none
            }
            #expect(engines.count == 2)
            #expect(Set(engines).count == 2)
        }
    }

    @Test func stopsAnEngineForLongerThanItsSession() {
        for round in 1...50 {
            guard case .stopEngine(_, let time) = plan(.zombie, round: round).injections[0].fault
            else {
                Issue.record("no engine is stopped")
                return
            }
            #expect(time > setting.session)
            #expect(plan(.zombie, round: round).silencesEngine)
        }
    }

    @Test(arguments: [FaultKind.cutRefused, .cutSilent, .cutCommit])
    func cutsOneConnectionForAWhile(kind: FaultKind) {
        for round in 1...50 {
            let plan = plan(kind, round: round)
            guard case .cut(_, let time) = plan.injections[0].fault else {
                Issue.record("nothing is cut")
                return
            }
            #expect(plan.isProxied)
            // A commit must be cut off for longer than the twenty seconds for which it is waited.
            let range = kind == .cutCommit ? 20.5...23.0 : 1.0...10.0
            #expect(range.contains(time))
        }
    }

    @Test func cutsCommitsOffInsideAndOutsideOfTheSession() {
        let sessions = (1...50).map { plan(.cutCommit, round: $0).session }
        #expect(Set(sessions) == [setting.session, 30])
        #expect((1...50).allSatisfy { plan(.random, round: $0).session == setting.session })
    }

    @Test func killsEodserviceInMidSubmitOfSmallBatches() {
        let plan = plan(.eodservice)
        #expect(plan.submitterDiesAfter.map { (0...0.95).contains($0) } == true)
        #expect(plan.batchSize < self.plan(.engine).batchSize)
    }

    @Test func makesTheWorkLastAsLongAsAStormOfItsOwn() {
        let plan = plan(.storm)
        #expect(plan.minimumSeconds == 60)
        guard case .storm(let time, let every, _) = plan.injections[0].fault else {
            Issue.record("there is no storm")
            return
        }
        #expect(time == 60)
        #expect(every == 2)
    }

    @Test(arguments: [1, 3])
    func mixesTwoToFourFaults(brokers: Int) {
        let setting = FaultPlan.Setting(brokers: brokers, session: 4, storm: 60)
        var sizes: Set<Int> = []
        for round in 1...300 {
            let plan = FaultPlan(.random, seed: 1, round: round, setting: setting)
            // Two engines killed at the same time are one fault.
            let isKilled = plan.submitterDiesAfter == nil ? 0 : 1
            sizes.insert(plan.injections.count + isKilled)
            #expect((2...8).contains(plan.injections.count + isKilled))
            #expect(plan.injections.map(\.share) == plan.injections.map(\.share).sorted())
            #expect(plan.injections.allSatisfy { (0...1).contains($0.share) })
            #expect(plan.minimumSeconds == 0)
            let cuts = plan.injections.count { injection in
                if case .cut = injection.fault { return true }
                return false
            }
            let broken = plan.injections.count { injection in
                if case .killBroker = injection.fault { return true }
                return false
            }
            #expect(cuts <= 1)
            #expect(broken <= 1)
        }
        #expect(sizes.isSuperset(of: [2, 3, 4]))
    }

    @Test func namesEveryFaultOnce() {
        #expect(Set(FaultKind.allCases.map(\.rawValue)).count == FaultKind.allCases.count)
        #expect(FaultKind.allCases.allSatisfy { !$0.summary.isEmpty && $0.rawValue.count <= 12 })
    }
}
