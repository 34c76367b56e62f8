"""Traffic that others sent: recordings (HAR 1.2) read and written, and judged without sending anything."""
