#pragma once

#include <exception>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>

#include "include/cquantlib.h"

namespace cql {

/// An argument that the header does not list.
struct Invalid : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A past fixing that a trade needs and the session does not have.
struct MissingFixing : std::runtime_error {
    MissingFixing(int32_t index, int32_t date)
        : std::runtime_error("a past fixing is missing"), index(index), date(date) {}
    int32_t index, date;
};

/// A method that must not price an option; `reason` is a cql_unsuited.
struct Unsuited : std::runtime_error {
    explicit Unsuited(int32_t reason, int32_t engine = 0)
        : std::runtime_error("the method does not suit the option"), reason(reason),
          engine(engine) {}
    int32_t reason;
    /// Of CQL_PROTOTYPE_...: the position of the engine.
    int32_t engine;
};

/// Held while anything of QuantLib is touched: its state is the process's.
std::mutex &libraryLock();

/// A day that a trade needs lies past the end of a curve without extrapolation.
struct OutsideCurve : std::runtime_error {
    OutsideCurve(const char *what, int32_t curve, int32_t date)
        : std::runtime_error(what), curve(curve), date(date) {}
    int32_t curve, date;
};

/// A trade has rates to forecast, and its index no curve.
struct NoForwardCurve : std::runtime_error {
    NoForwardCurve() : std::runtime_error("the index has no forward curve") {}
};

int fill(cql_error *error, int status, const char *message, int32_t index = -1, int32_t date = 0);

/// Tells QuantLib's failures apart by their text, the only thing they differ by.
int fillFromLibrary(cql_error *error, const char *message);

/// Runs `body` under the library's lock; no exception leaves it.
template <class Body>
int guarded(cql_error *error, Body body) {
    try {
        std::lock_guard<std::mutex> lock(libraryLock());
        body();
        return CQL_OK;
    } catch (const MissingFixing &missing) {
        return fill(error, CQL_MISSING_FIXING, missing.what(), missing.index, missing.date);
    } catch (const OutsideCurve &outside) {
        return fill(error, CQL_OUTSIDE_CURVE, outside.what(), outside.curve, outside.date);
    } catch (const NoForwardCurve &missing) {
        return fill(error, CQL_NO_FORWARD_CURVE, missing.what());
    } catch (const Unsuited &unsuited) {
        return fill(error, CQL_UNSUITED, unsuited.what(), unsuited.reason, unsuited.engine);
    } catch (const Invalid &invalid) {
        return fill(error, CQL_INVALID, invalid.what());
    } catch (const std::bad_alloc &) {
        return fill(error, CQL_NO_MEMORY, "there is no memory left");
    } catch (const std::exception &failure) {
        return fillFromLibrary(error, failure.what());
    } catch (...) {
        return fill(error, CQL_FAILED, "an exception of unknown type");
    }
}

}  // namespace cql
