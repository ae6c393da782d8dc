/** What stands at `/` until the console does: the addresses, and nothing that is loaded from elsewhere. */
export function homePage(): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Boxtrail 箱迹</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}code{background:#eee;padding:.1em .3em}</style></head>
<body>
<h1>Boxtrail 箱迹</h1>
<p>A port city sees every container.</p>
<ul>
<li><a href="/graphql">/graphql</a> – the API, with example queries for a gate operator, a logistics company and a customs officer. Send <code>Authorization: Bearer …</code>.</li>
<li><code>POST /ingest/v1/batches</code>, <code>/ingest/v1/health</code> – for gateways.</li>
<li><a href="/health/live">/health/live</a>, <a href="/health/ready">/health/ready</a>, <a href="/metrics">/metrics</a> – for operators.</li>
</ul>
</body>
</html>`;
}
