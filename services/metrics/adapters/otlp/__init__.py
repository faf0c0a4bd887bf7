"""What OpenTelemetry exporters send over HTTP: metrics, as protobuf or JSON (OTLP 1.x)."""
