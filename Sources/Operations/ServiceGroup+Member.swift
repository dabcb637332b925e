extension ServiceGroup {
    /// A service and what its return means.
    public struct Member: Sendable {
        /// The service.
        public var service: any Service
        /// For log lines.
        public var name: String
        /// Whether the group shuts down without an error when it returns.
        public var endsGroup: Bool

        /// A member.
        ///
        /// - Parameters:
        ///   - service: the service.
        ///   - name: for log lines; the type's name unless told.
        ///   - endsGroup: whether the group shuts down without an error when it returns.
        public init(_ service: any Service, name: String? = nil, endsGroup: Bool = false) {
            self.service = service
            self.name = name ?? String(describing: type(of: service))
            self.endsGroup = endsGroup
        }
    }
}
