#!/usr/bin/env bash
# librdkafka: its mock cluster acknowledges records and forgets all but the last 5 MiB.
#
# Guess: without a retention setting, what was acknowledged with acks=all can be read from the
# beginning; a portfolio of 8,000 trades is small.
# What happens: each partition keeps 5 MiB of record batches (or 100,000 records). The oldest are
# dropped without an error to the producer; a reader from the beginning starts in the middle and
# gets no error either, as `auto.offset.reset` is `earliest`. Where the cut is depends on how
# records were batched.
# Version: confluent-kafka 2.16.1 with librdkafka 2.16.0 (PyPI); 2.0.2 did the same. Source:
# src/rdkafka_mock.c, `rd_kafka_mock_partition_init` and `rd_kafka_mock_partition_log_append`.
#
# usage: findings/kafka-mock-forgets-acknowledged-records.sh
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
trades, acknowledged, errors = 8000, [], []

def reported(error, message):
    errors.append(str(error)) if error else acknowledged.append(message.offset())

producer = Producer({"acks": "all", "enable.idempotence": True, **common})
for number in range(trades):
    value = f"{number:06}" + "x" * 994
    producer.produce("batches", value=value, partition=0, on_delivery=reported)
    producer.poll(0)
producer.flush(60)
expect("acknowledged of 8000 records of 1000 bytes", len(acknowledged), trades)
expect("errors", errors, [])

reader = Consumer({"group.id": "reader", "auto.offset.reset": "earliest", **common})
reader.assign([TopicPartition("batches", 0, 0)])
numbers, until = [], time.monotonic() + 60
while (not numbers or numbers[-1] != trades - 1) and time.monotonic() < until:
    message = reader.poll(1)
    if message and message.error():
        errors.append(str(message.error()))
    elif message:
        numbers.append(int(message.value()[:6]))
low, high = reader.get_watermark_offsets(TopicPartition("batches", 0), timeout=10)
reader.close()
print("read from the beginning: records", numbers[0], "to", numbers[-1], "watermarks", low, high)
expect("errors of the reader", errors, [])
kept = len(numbers) * 1000 / 2**20
expect("MiB kept is between 4 and 5", 4 < kept <= 5, True)
PYTHON
