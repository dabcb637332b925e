import Foundation
import HTTP
import Testing

@testable import Manager

@Suite struct UploadStoreTests {
    private let directory: Directory
    private let store: UploadStore

    init() throws {
        directory = try Directory()
        store = try UploadStore(directory: directory.path + "/uploads", limit: 100, room: 150)
    }

    private func send(_ sink: UploadSink, _ text: String) -> HTTPResponse {
        _ = Array(text.utf8).withUnsafeBufferPointer { sink.receive($0) }
        return sink.finish()
    }

    @Test func aFileInPartsIsWholeAtItsLengthAndTheHashIsOfAll() throws {
        let first = try store.begin("a.csv", of: "omar", whole: 6, length: 3)
        let made = send(first, "abc")
        #expect(made.status == 201)
        let id = try #require(made.headers["Location"]?.split(separator: "/").last.map(String.init))
        #expect(throws: Problem.self) { try store.path(of: id, owner: "omar") }
        #expect(throws: Problem(409, "wrong_offset", "the upload continues at 3")) {
            try store.resume(id, of: "omar", at: 2, length: 3)
        }
        #expect(throws: Problem.self) { try store.upload(id, of: "vera") }
        let cut = try store.resume(id, of: "omar", at: 3, length: 3)
        _ = Array("d".utf8).withUnsafeBufferPointer { cut.receive($0) }
        cut.abort()
        #expect(try store.upload(id, of: "omar").bytes == 4)
        let rest = send(try store.resume(id, of: "omar", at: 4, length: 2), "ef")
        #expect(rest.status == 204)
        let upload = try store.upload(id, of: "omar")
        // printf abcdef | sha256sum
        #expect(
            upload.sha256 == "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721"
        )
        let (path, name) = try store.path(of: id, owner: "omar")
        #expect(name == "a.csv")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "abcdef")
        try store.remove(id, of: "omar")
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func whatIsTooLargeOrTooManyIsRefused() throws {
        func status(_ body: () throws -> Void) -> Int {
            do {
                try body()
                return 0
            } catch {
                return (error as? Problem)?.status ?? -1
            }
        }
        #expect(status { _ = try store.begin("a", of: "x", whole: nil, length: 101) } == 413)
        let unknown = try store.begin("a", of: "x", whole: nil, length: nil)
        #expect(send(unknown, String(repeating: "a", count: 101)).status == 413)
        _ = send(
            try store.begin("b", of: "x", whole: nil, length: 90),
            String(repeating: "b", count: 90)
        )
        #expect(status { _ = try store.begin("c", of: "x", whole: nil, length: 90) } == 507)
        let open = [
            try store.begin("d", of: "y", whole: nil, length: 1),
            try store.begin("e", of: "y", whole: nil, length: 1),
        ]
        #expect(status { _ = try store.begin("f", of: "y", whole: nil, length: 1) } == 429)
        #expect(open.count == 2)
        for name in ["", "..", "a\u{7}", String(repeating: "n", count: 201)] {
            #expect(status { _ = try store.begin(name, of: "z", whole: nil, length: 1) } == 400)
        }
    }
}
