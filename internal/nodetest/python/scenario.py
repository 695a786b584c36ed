"""A whole scenario with a Python client and its defaults against the embedded node.

The arguments are the client's module and the node's address. The Go test that
runs this checks the exit code; a failure is the traceback on the standard error.
"""

import importlib
import sys
import uuid

name, address = sys.argv[1:]
module = importlib.import_module(name)
exceptions = importlib.import_module(name + ".exceptions")
is_kurrent = name == "kurrentdbclient"
client = (module.KurrentDBClient if is_kurrent else module.EventStoreDBClient)(uri=f"esdb://{address}?Tls=false")
ANY, NO_STREAM, EXISTS = module.StreamState.ANY, module.StreamState.NO_STREAM, module.StreamState.EXISTS
WrongVersion = exceptions.WrongCurrentVersionError if is_kurrent else exceptions.WrongCurrentVersion
NotFound = exceptions.NotFoundError if is_kurrent else exceptions.NotFound
GrpcError = exceptions.GrpcError


def event(kind, n=0):
    return module.NewEvent(type=kind, data=b'{"n":%d}' % n, metadata=b'{"actor":"scenario"}', id=uuid.uuid4())


def refused(error, says, call):
    try:
        call()
    except error as e:
        assert says in str(e), e
        return
    raise AssertionError(f"not refused: {says}")


def equal(got, want):
    assert got == want, f"{got!r} instead of {want!r}"


def take(subscription, enough):
    """Collects what a subscription brings until enough says so."""
    seen = []
    for item in subscription:
        seen.append(item)
        if enough(seen):
            subscription.stop()
            return seen
    raise AssertionError("the subscription ended by itself")


# Append, its repetition, and what is expected of a stream.
first = [event("invoice.issued", n) for n in range(3)]
equal(client.append_to_stream("invoice-a", current_version=NO_STREAM, events=first), 3)
equal(client.append_to_stream("invoice-a", current_version=NO_STREAM, events=first), 3)
refused(WrongVersion, "", lambda: client.append_to_stream("invoice-a", current_version=7, events=[event("invoice.paid")]))
refused(WrongVersion, "", lambda: client.append_to_stream("invoice-new", current_version=EXISTS, events=[event("invoice.paid")]))
equal(client.append_to_stream("invoice-a", current_version=2, events=[event("invoice.paid", 3)]), 4)
equal(client.append_events("chart-b", current_version=ANY, events=[event("chart.opened", 4)]), 5)
equal(client.append_event("chart-b", current_version=0, event=event("Result", 5)), 6)
equal(client.append_event("chart-b", current_version=1, event=event("PersistentConfig1", 6)), 7)

# Reads of a stream and of $all, with the clients' own filters.
issued = client.get_stream("invoice-a")
equal([e.data for e in issued], [b'{"n":%d}' % n for n in range(4)])
equal([e.id for e in issued[:3]], [e.id for e in first])
equal((issued[0].type, issued[0].stream_name, issued[0].metadata, issued[0].content_type),
      ("invoice.issued", "invoice-a", b'{"actor":"scenario"}', "application/json"))
equal([e.stream_position for e in client.read_stream("invoice-a", backwards=True)], [3, 2, 1, 0])
equal([e.stream_position for e in client.read_stream("invoice-a", stream_position=1, limit=2)], [1, 2])
refused(NotFound, "not found", lambda: client.get_stream("invoice-none"))
equal(client.get_current_version("invoice-a"), 3)
equal(client.get_current_version("invoice-none"), NO_STREAM)
visible = [1, 2, 3, 4, 5] + ([] if is_kurrent else [6])
equal([e.commit_position for e in client.read_all()], visible)
equal([e.commit_position for e in client.read_all(backwards=True)], visible[::-1])
equal([e.commit_position for e in client.read_all(filter_exclude=())], [1, 2, 3, 4, 5, 6, 7])
equal([e.commit_position for e in client.read_all(filter_exclude=(r"invoice\..+", "Result"))], [5, 7])
equal([e.commit_position for e in client.read_all(filter_include=(r"invoice\.paid", r"chart\..+"))], [4, 5])
equal([e.commit_position for e in client.read_all(filter_include=("chart-.+",), filter_by_stream_name=True)], [5, 6, 7])
equal([e.commit_position for e in client.read_all(filter_exclude=("chart-.+",), filter_by_stream_name=True)], [1, 2, 3, 4])
equal(client.get_commit_position(), visible[-1])

# Subscriptions, by default and with everything that a server may tell.
live = client.subscribe_to_all()
client.append_event("chart-c", current_version=NO_STREAM, event=event("chart.opened", 7))
equal([e.commit_position for e in take(live, lambda seen: len(seen) == len(visible) + 1)], visible + [8])
equal([e.commit_position for e in take(client.subscribe_to_all(commit_position=5, filter_exclude=()), lambda seen: len(seen) == 3)], [6, 7, 8])
told = take(client.subscribe_to_all(include_caught_up=True, include_checkpoints=True), lambda seen: type(seen[-1]) is module.CaughtUp)
equal(len([e for e in told if type(e) is module.RecordedEvent]), len(visible) + 1)
equal((told[-2].commit_position, told[-2].prepare_position), (8, 8))
assert type(told[-2]) is module.Checkpoint, told
on_stream = take(client.subscribe_to_stream("invoice-a", include_caught_up=True), lambda seen: type(seen[-1]) is module.CaughtUp)
equal([e.stream_position for e in on_stream[:-1]], [0, 1, 2, 3])
if is_kurrent:
    equal((told[-1].commit_position, told[-1].prepare_position), (8, 8))
    equal(on_stream[-1].stream_position, 3)
    assert told[-1].recorded_at is not None and told[-2].recorded_at is not None and on_stream[-1].recorded_at is not None

# What the node does not have is refused, with the reason.
unsupported = "the embedded event node does not support "
refused(GrpcError, unsupported + "stream metadata", lambda: client.set_stream_metadata("invoice-a", metadata={"$maxCount": 1}))
refused(GrpcError, unsupported + "stream metadata", lambda: client.append_to_stream("$$invoice-a", current_version=ANY, events=[event("$metadata")]))
refused(GrpcError, unsupported + "deleting streams", lambda: client.delete_stream("invoice-a", current_version=ANY))
refused(GrpcError, unsupported + "tombstones", lambda: client.tombstone_stream("invoice-a", current_version=ANY))
refused(GrpcError, "runs no system projections", lambda: list(client.read_stream("$ce-invoice")))
refused(GrpcError, "runs no system projections", lambda: next(client.subscribe_to_stream("$ce-invoice")))
refused(GrpcError, "does not serve", lambda: client.create_subscription_to_all(group_name="scenario"))
refused(GrpcError, "does not serve", lambda: client.create_projection(name="scenario", query="fromAll()"))
client.close()
