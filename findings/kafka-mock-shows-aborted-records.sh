#!/usr/bin/env bash
# librdkafka: on its mock cluster a read_committed consumer reads aborted records, offsets of a
# transaction are never committed, and a fenced producer goes on.
#
# Guess: a broker that answers every call of a transaction with success does what was asked; the
# mock is there for tests of transactional producers.
# What happens: only the calls are answered. Records of an aborted transaction are read like those
# of a committed one, `send_offsets_to_transaction` succeeds and the group's offset stays unset,
# and a producer whose transactional id was taken over commits on. A test of exactly-once that
# passes here has tested nothing, and one that fails may be right.
# Version: confluent-kafka 2.16.1 with librdkafka 2.16.0 (PyPI); 2.0.2 did the same. Source:
# src/rdkafka_mock_handlers.c, `rd_kafka_mock_handle_EndTxn` and `..._TxnOffsetCommit`; pull
# request 5349 adds transactions to the mock's share groups only.
#
# usage: findings/kafka-mock-shows-aborted-records.sh
set -euo pipefail
[ $# -eq 0 ] || { sed -n 's/^# \(usage: .*\)/\1/p' "$0" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install confluent-kafka==2.16.1
cd "$folder"
venv/bin/python -B - <<'PYTHON'
import time
import confluent_kafka
from confluent_kafka import Consumer, Producer, TopicPartition

def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        raise SystemExit(f"CHANGED: {what} was {wanted}")

print("confluent-kafka", confluent_kafka.__version__, "librdkafka", confluent_kafka.libversion()[0])
cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0})
brokers = cluster.list_topics(timeout=10).brokers.values()
common = {"bootstrap.servers": ",".join(f"{b.host}:{b.port}" for b in brokers), "log_level": 0}
partition = TopicPartition("results", 0, 0)

def engine():
    producer = Producer({"transactional.id": "engine-1", **common})
    producer.init_transactions(10)
    return producer

def transaction(producer, value, end):
    producer.begin_transaction()
    producer.produce("results", value=value, partition=0)
    producer.flush(10)
    end(10)

first = engine()
transaction(first, "aborted", first.abort_transaction)
transaction(first, "committed", first.commit_transaction)
reader = Consumer({"group.id": "reader", "isolation.level": "read_committed", **common})
first.begin_transaction()
first.send_offsets_to_transaction(
    [TopicPartition("results", 0, 2)], reader.consumer_group_metadata(), 10)
first.commit_transaction(10)
second = engine()
transaction(first, "fenced", first.commit_transaction)
transaction(second, "end", second.commit_transaction)

reader.assign([partition])
values, until = [], time.monotonic() + 30
while "end" not in values and time.monotonic() < until:
    message = reader.poll(1)
    if message and not message.error():
        values.append(message.value().decode())
committed = reader.committed([partition], timeout=10)[0].offset
reader.close()
expect("read with read_committed", values, ["aborted", "committed", "fenced", "end"])
expect("offset committed in a transaction (-1001: none)", committed, -1001)
PYTHON
