/// The files of a market snapshot's directory.
enum SnapshotFiles {
    /// In the order in which a seed has them.
    static let names = [
        "curves.csv", "equities.csv", "fixings.csv", "fx-rates.csv", "groups.csv", "settings.csv",
        "snapshot.csv", "volatilities.csv",
    ]
}
