/** The demo's page; what it shows is put in by its script. */
export function demoPage(): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Portico demo</title>
<link rel="stylesheet" href="demo.css">
<script type="module" src="demo.js"></script>
</head>
<body>
<main>
<header>
<svg viewBox="0 0 18 18" aria-hidden="true"><path d="M2 6.6 9 2l7 4.6M3.5 15.5h11M5.2 7.6v7.4M12.8 7.6v7.4M9 7.6v7.4"/></svg>
<div>
<h1>It works.</h1>
<p>This page came through Portico, over https, from the app that is built in. Keep Portico’s Requests screen beside it: whatever you do here appears there as it happens.</p>
</div>
</header>

<section aria-labelledby="facts-title">
<h2 id="facts-title">What the gateway did</h2>
<div class="columns">
<div><h3>It spoke with your browser</h3><dl id="facts"><dt>…</dt><dd>asking</dd></dl></div>
<div><h3>It would tell your app</h3><dl id="added"><dt>…</dt><dd>asking</dd></dl></div>
</div>
</section>

<section aria-labelledby="requests-title">
<h2 id="requests-title">Make requests</h2>
<div class="buttons" id="requests">
<button type="button" data-path="api/hello">GET</button>
<button type="button" data-path="api/hello?wait=1000">GET that takes 1 s</button>
<button type="button" data-path="api/hello?wait=4000">GET that takes 4 s</button>
<button type="button" data-path="api/echo" data-method="POST">POST that is echoed</button>
<button type="button" data-path="api/missing">404</button>
<button type="button" data-path="api/broken">500</button>
<button type="button" data-path="api/hello?wait=200" data-times="20">20 at once</button>
</div>
<table>
<thead><tr><th scope="col">Request</th><th scope="col">Status</th><th scope="col" class="number">Time</th></tr></thead>
<tbody id="log"><tr><td colspan="3" class="soft">Nothing yet. Press a button.</td></tr></tbody>
</table>
</section>

<div class="columns">
<section aria-labelledby="ticks-title">
<h2 id="ticks-title">Server-sent events</h2>
<p class="soft">One answer that does not end: an event a second.</p>
<div class="buttons"><button type="button" id="ticks-toggle" aria-pressed="false">Start</button></div>
<output id="ticks" aria-live="off">Not started.</output>
</section>
<section aria-labelledby="socket-title">
<h2 id="socket-title">WebSocket</h2>
<p class="soft">What you send comes back.</p>
<form id="socket-form" class="buttons">
<input id="socket-text" aria-label="Message" value="hello" maxlength="200" autocomplete="off">
<button type="submit">Send</button>
</form>
<output id="socket" aria-live="polite">Connecting with the first message.</output>
</section>
</div>

<footer>
<h2>Next</h2>
<p>Add your own app: <code>portico app add shop --port 3000</code> serves what listens on port 3000 at <code>https://shop.localhost</code>. When you are done here: <code>portico app remove demo</code>.</p>
</footer>
</main>
</body>
</html>
`
}
