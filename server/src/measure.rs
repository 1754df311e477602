//! Counters of one server, in Prometheus' text format.
//!
//! They belong to a server and not to the process, so that several servers in one process do not share them.

use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// Upper bounds of the buckets of durations, in seconds.
const DURATIONS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

static METADATA: Metadata<'static> = Metadata::new("glasshouse", Level::INFO, None);

/// The counters of one server.
pub struct Measure {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl std::fmt::Debug for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Measure").finish_non_exhaustive()
    }
}

impl Measure {
    /// Counters at zero.
    ///
    /// # Errors
    /// If the exporter refuses the buckets: a fault of ours.
    pub fn new() -> Result<Measure, BuildError> {
        let recorder = PrometheusBuilder::new().set_buckets(DURATIONS)?.build_recorder();
        let handle = recorder.handle();
        let measure = Measure { recorder, handle };
        measure.describe();
        measure.describe_connections();
        Ok(measure)
    }

    fn describe(&self) {
        let counter = |name: &'static str, text: &'static str| {
            self.recorder.describe_counter(name.into(), Some(Unit::Count), text.into());
        };
        counter("glasshouse_http_requests_total", "Requests answered, by route and status.");
        counter(
            "glasshouse_statements_total",
            "Statements answered, by result or by the slug of the refusal.",
        );
        let seconds = |name: &'static str, text: &'static str| {
            self.recorder.describe_histogram(name.into(), Some(Unit::Seconds), text.into());
        };
        seconds(
            "glasshouse_http_request_seconds",
            "Time from a request's head to its answer's head, by route.",
        );
        counter(
            "glasshouse_witness_requests_total",
            "Trees that a witness was asked to sign, by witness and result: cosigned, failed, refused, conflict, garbage.",
        );
        seconds(
            "glasshouse_witness_request_seconds",
            "Time that a witness took for one tree, catching up included, by witness.",
        );
        seconds("glasshouse_round_seconds", "Time that the writer took for one round.");
        let gauge = |name: &'static str, text: &'static str| {
            self.recorder.describe_gauge(name.into(), Some(Unit::Count), text.into());
        };
        gauge("glasshouse_tree_size", "Entries under the newest published checkpoint.");
        gauge(
            "glasshouse_queued_statements",
            "Statements that take room in the queue: admitted and not answered, until none waits for its place in the log.",
        );
        gauge("glasshouse_unpublished_statements", "Statements that are durable and wait for publication.");
        gauge("glasshouse_quorum_age_seconds", "Time since the newest quorum of witnesses was complete.");
        gauge(
            "glasshouse_without_quorum_seconds",
            "Time since a published tree last had its quorum of witnesses; 0 while the newest one has it.",
        );
        gauge(
            "glasshouse_witnesses_unheard",
            "Witnesses that did not say at the start what they had seen, and have signed nothing since.",
        );
        gauge("glasshouse_publication_stalled", "1 while publication waits for a quorum longer than it may.");
        gauge("glasshouse_embargoes_open", "Withheld texts whose day has not passed, or that have none.");
        gauge("glasshouse_embargoes_overdue", "Withheld texts whose day has passed.");
        gauge("glasshouse_search_indexed", "Size of the tree that searches cover.");
        gauge("glasshouse_search_lag_entries", "Published entries that searches do not cover yet.");
        gauge(
            "glasshouse_search_lag_seconds",
            "For how long searches have not covered the published tree; 0 while they do.",
        );
        gauge("glasshouse_search_building", "1 while the search index is opened or built from the log.");
        gauge("glasshouse_search_documents", "Entries in the search index on disk.");
        gauge("glasshouse_search_segments", "Segments of the search index on disk.");
        gauge("glasshouse_search_in_memory", "Entries that searches look at in memory.");
        gauge(
            "glasshouse_storage_free_bytes",
            "Bytes that are left on the file system where the ledger lies.",
        );
        gauge("glasshouse_storage_free_files", "Files that can still be made there, where it counts them.");
        gauge("glasshouse_storage_full", "1 while statements are refused for lack of room on the disk.");
        gauge("glasshouse_storage_look_age_seconds", "Since the last answer to how much room is left.");
        gauge(
            "glasshouse_storage_unknown",
            "1 while the room cannot be measured, or the file system has not answered for ten seconds.",
        );
        gauge("glasshouse_bodies_bytes", "Bytes of submission bodies in memory.");
    }

    fn describe_connections(&self) {
        let counter = |name: &'static str, text: &'static str| {
            self.recorder.describe_counter(name.into(), Some(Unit::Count), text.into());
        };
        counter(
            "glasshouse_connections_refused_total",
            "Connections closed because their address had as many as it may.",
        );
        counter(
            "glasshouse_tls_handshakes_failed_total",
            "Connections that ended before their TLS handshake did.",
        );
        counter(
            "glasshouse_tls_reloads_total",
            "Times that the TLS files were read anew, by result: loaded, refused.",
        );
    }

    /// Counts one answered request.
    pub fn request(&self, route: &str, status: u16, took: Duration) {
        let route = Label::new("route", route.to_owned());
        let labels = vec![route.clone(), Label::new("status", status.to_string())];
        self.counter("glasshouse_http_requests_total", labels).increment(1);
        self.histogram("glasshouse_http_request_seconds", vec![route]).record(took.as_secs_f64());
    }

    /// Counts one answered statement; `result` is `accepted`, `duplicate` or the slug of the refusal.
    pub fn statement(&self, result: &str) {
        let labels = vec![Label::new("result", result.to_owned())];
        self.counter("glasshouse_statements_total", labels).increment(1);
    }

    /// Counts one question to a witness, by its name in the policy and what became of it.
    pub fn witness(&self, name: &str, result: &str, took: Duration) {
        let witness = Label::new("witness", name.to_owned());
        let labels = vec![witness.clone(), Label::new("result", result.to_owned())];
        self.counter("glasshouse_witness_requests_total", labels).increment(1);
        self.histogram("glasshouse_witness_request_seconds", vec![witness]).record(took.as_secs_f64());
    }

    /// Counts one round of the writer.
    pub fn round(&self, took: Duration) {
        self.histogram("glasshouse_round_seconds", Vec::new()).record(took.as_secs_f64());
    }

    /// Sets a gauge to a count that is exact up to 2^53.
    pub fn level(&self, name: &'static str, value: u64) {
        #[allow(clippy::cast_precision_loss, reason = "every count here stays below 2^53")]
        self.gauge(name).set(value as f64);
    }

    /// Counts one of a kind.
    pub(crate) fn count(&self, name: &'static str, labels: &[(&'static str, &str)]) {
        self.counter(name, labels_of(labels)).increment(1);
    }

    /// Sets a gauge with labels to a count that is exact up to 2^53.
    pub(crate) fn level_of(&self, name: &'static str, labels: &[(&'static str, &str)], value: u64) {
        #[allow(clippy::cast_precision_loss, reason = "every count here stays below 2^53")]
        self.recorder.register_gauge(&Key::from_parts(name, labels_of(labels)), &METADATA).set(value as f64);
    }

    /// Says what counters and gauges of another server are about: names with their texts.
    pub(crate) fn describe_more(
        &self,
        counters: &[(&'static str, &'static str)],
        gauges: &[(&'static str, &'static str)],
    ) {
        for (name, text) in counters {
            self.recorder.describe_counter((*name).into(), Some(Unit::Count), (*text).into());
        }
        for (name, text) in gauges {
            self.recorder.describe_gauge((*name).into(), Some(Unit::Count), (*text).into());
        }
    }

    /// All counters as text (`text/plain; version=0.0.4`).
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }

    fn counter(&self, name: &'static str, labels: Vec<Label>) -> Counter {
        self.recorder.register_counter(&Key::from_parts(name, labels), &METADATA)
    }

    fn histogram(&self, name: &'static str, labels: Vec<Label>) -> Histogram {
        self.recorder.register_histogram(&Key::from_parts(name, labels), &METADATA)
    }

    fn gauge(&self, name: &'static str) -> Gauge {
        self.recorder.register_gauge(&Key::from_name(name), &METADATA)
    }
}

fn labels_of(labels: &[(&'static str, &str)]) -> Vec<Label> {
    labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn what_was_counted_is_rendered() {
        let measure = Measure::new().unwrap();
        measure.request("/checkpoint", 200, Duration::from_millis(3));
        measure.request("/checkpoint", 200, Duration::from_millis(3));
        measure.statement("accepted");
        measure.level("glasshouse_tree_size", 70_000);
        let text = measure.render();
        assert!(
            text.contains("glasshouse_http_requests_total{route=\"/checkpoint\",status=\"200\"} 2"),
            "{text}"
        );
        assert!(text.contains("glasshouse_statements_total{result=\"accepted\"} 1"), "{text}");
        assert!(text.contains("glasshouse_tree_size 70000"), "{text}");
        assert!(text.contains("glasshouse_http_request_seconds_bucket"), "{text}");
    }
}
