/** What the demo's page does, as the browser gets it: an ES module without anything around it. */
export const DEMO_SCRIPT = `const $ = (id) => document.getElementById(id)
const SHOWN = 12

async function showFacts() {
  const facts = await (await fetch('api/facts')).json()
  const { tls } = facts
  list('facts', [
    ['Protocol', facts.protocol],
    ['Encryption', tls === null ? 'none' : tls.version],
    ['Cipher', tls?.cipher ?? ''],
    ['Server name', tls?.serverName ?? 'none was sent'],
    ['Host', facts.host],
    ['Your address', facts.client],
    ['Request', facts.request],
  ])
  list('added', facts.added)
}

function list(id, pairs) {
  $(id).replaceChildren(...pairs.flatMap(([name, value]) => [element('dt', name), element('dd', value)]))
}

function element(tag, text, className = '') {
  const made = document.createElement(tag)
  made.textContent = text
  made.className = className
  return made
}

function makeRequests({ dataset }) {
  for (let left = Number(dataset.times ?? 1); left > 0; left -= 1) void makeRequest(dataset)
}

async function makeRequest({ path, method = 'GET' }) {
  const row = document.createElement('tr')
  const status = element('td', 'under way', 'soft')
  const time = element('td', '', 'number')
  row.append(element('td', method + ' /' + path), status, time)
  const log = $('log')
  if (log.querySelector('[colspan]') !== null) log.replaceChildren()
  log.prepend(row)
  while (log.children.length > SHOWN) log.lastElementChild.remove()
  const begun = performance.now()
  try {
    const body = method === 'POST' ? 'Hello from ' + navigator.userAgent : undefined
    const answer = await fetch(path, { method, body })
    await answer.text()
    status.textContent = (answer.ok ? '\\u2713 ' : '\\u25b2 ') + answer.status
    status.className = answer.ok ? 'good' : 'bad'
  } catch {
    status.textContent = '\\u25a0 no answer'
    status.className = 'bad'
  }
  time.textContent = Math.round(performance.now() - begun) + ' ms'
}

let ticks = null

function toggleTicks() {
  const running = ticks !== null
  ticks?.close()
  ticks = running ? null : new EventSource('api/ticks')
  $('ticks-toggle').textContent = running ? 'Start' : 'Stop'
  $('ticks-toggle').setAttribute('aria-pressed', String(!running))
  if (running) {
    $('ticks').textContent = 'Stopped.'
    return
  }
  $('ticks').textContent = 'Connecting\\u2026'
  ticks.onmessage = ({ data }) => {
    const { count, time } = JSON.parse(data)
    $('ticks').textContent = 'Event ' + count + ' at ' + new Date(time).toLocaleTimeString()
  }
  ticks.onerror = () => {
    $('ticks').textContent = 'The connection broke; the browser opens it again by itself.'
  }
}

let socket = null
const sent = []

function sendMessage(text) {
  if (socket === null) {
    const address = new URL('api/socket', location.href)
    address.protocol = 'wss:'
    socket = new WebSocket(address)
    $('socket').textContent = 'Connecting\\u2026'
    socket.onopen = () => sendMessage(text)
    socket.onmessage = ({ data }) => {
      const ms = performance.now() - sent.shift()
      $('socket').textContent = data + ' (back after ' + ms.toFixed(1) + ' ms)'
    }
    socket.onclose = ({ code }) => {
      socket = null
      sent.length = 0
      $('socket').textContent = 'Closed (' + code + '). The next message connects again.'
    }
  } else if (socket.readyState === WebSocket.OPEN) {
    sent.push(performance.now())
    socket.send(text)
  }
}

$('requests').addEventListener('click', ({ target }) => target.dataset.path && makeRequests(target))
$('ticks-toggle').addEventListener('click', toggleTicks)
$('socket-form').addEventListener('submit', (event) => {
  event.preventDefault()
  sendMessage($('socket-text').value)
})
showFacts().catch(() => list('facts', [['Facts', 'could not be had']]))
`
