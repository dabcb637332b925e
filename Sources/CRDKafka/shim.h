#ifndef CRDKAFKA_SHIM_H
#define CRDKAFKA_SHIM_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <sys/prctl.h>

/* rd_kafka_producev takes variable arguments, which Swift cannot pass. The record is copied.
 * The headers are librdkafka's after success and still the caller's after a failure; they go in
 * as one list, because librdkafka before 2.12 frees headers given one by one twice when it
 * refuses the record. It never blocks. */
static inline rd_kafka_resp_err_t crdkafka_produce(
    rd_kafka_t *client, const char *topic, int32_t partition, const void *key, size_t key_size,
    const void *value, size_t value_size, rd_kafka_headers_t *headers, void *opaque) {
    if (headers == NULL) {
        return rd_kafka_producev(
            client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY((void *)key, key_size),
            RD_KAFKA_V_VALUE((void *)value, value_size), RD_KAFKA_V_OPAQUE(opaque),
            RD_KAFKA_V_END);
    }
    return rd_kafka_producev(
        client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY((void *)key, key_size),
        RD_KAFKA_V_VALUE((void *)value, value_size), RD_KAFKA_V_HEADERS(headers),
        RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
}

/* Names the calling thread, as tools show it: at most 15 bytes. prctl takes variable arguments. */
static inline void crdkafka_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* Decides nothing: what OpenSSL refuses stays refused. It makes librdkafka log why, as OpenSSL's
 * number of the error, which its own words do not tell. */
static inline int crdkafka_tell_certificate_error(
    rd_kafka_t *client, const char *broker, int32_t broker_id, int *error, int depth,
    const char *certificate, size_t size, char *reason, size_t reason_size, void *opaque) {
    if (*error == 0) return 1;
    snprintf(reason, reason_size, "x509 error %d", *error);
    return 0;
}

static inline void crdkafka_tell_certificate_errors(rd_kafka_conf_t *configuration) {
    rd_kafka_conf_set_ssl_cert_verify_cb(configuration, crdkafka_tell_certificate_error);
}

#endif
