-- Prints one line of JSON at the end: exact numbers where wrk's own summary rounds to three digits.
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'REPORT {"micros":%d,"requests":%d,"bytes":%d,"p50":%d,"p95":%d,"p99":%d,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}}\n',
    summary.duration, summary.requests, summary.bytes,
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    errors.connect, errors.read, errors.write, errors.timeout, errors.status
  ))
end
