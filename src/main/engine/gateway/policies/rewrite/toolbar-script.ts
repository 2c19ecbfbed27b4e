/**
 * Runs in an app's page: a small bar in a shadow tree of its own, so that neither's styles reach the other. Plain
 * JavaScript, because it goes to browsers as it is; `facts` is what the gateway knows of the app.
 */
export const TOOLBAR_SCRIPT = `(facts) => {
  if (sessionStorage.getItem('portico-toolbar') === 'off') return
  const host = document.createElement('portico-toolbar')
  const root = host.attachShadow({ mode: 'closed' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(
    ':host{all:initial;position:fixed;right:12px;bottom:12px;z-index:2147483647;display:flex;gap:10px;align-items:center;' +
      'padding:4px 8px;font:12px/1.4 system-ui,sans-serif;color:#e8eaed;background:#202124;border:1px solid #5f6368;' +
      'border-radius:6px}a{color:#8ab4f8}button{all:unset;cursor:pointer;padding:0 4px}' +
      'button:focus-visible,a:focus-visible{outline:2px solid #8ab4f8}@media print{:host{display:none}}'
  )
  root.adoptedStyleSheets = [sheet]
  const add = (tag, text) => {
    const element = document.createElement(tag)
    element.textContent = text
    root.append(element)
    return element
  }
  add('strong', facts.app)
  const timing = add('span', '')
  const tell = () => {
    const [page] = performance.getEntriesByType('navigation')
    if (page === undefined) return
    const ms = (value) => Math.round(value) + ' ms'
    const parts = [page.nextHopProtocol, 'first byte ' + ms(page.responseStart - page.requestStart), 'loaded ' + ms(page.loadEventEnd)]
    timing.textContent = parts.filter((part) => part !== '').join(' · ')
  }
  const later = () => setTimeout(tell)
  if (document.readyState === 'complete') later()
  else addEventListener('load', later)
  if (facts.panel !== null) {
    const link = add('a', 'Portico')
    link.href = facts.panel
    link.target = 'portico'
    link.rel = 'noopener'
  }
  const close = add('button', '×')
  close.setAttribute('aria-label', 'Hide until this tab is closed')
  close.addEventListener('click', () => {
    sessionStorage.setItem('portico-toolbar', 'off')
    host.remove()
  })
  document.documentElement.append(host)
}`
