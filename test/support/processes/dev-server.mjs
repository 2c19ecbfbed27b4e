/** An app of the tests: prints as a dev server does, in every kind of colour, and listens on PORT. */
import http from 'node:http'

const paint = (code, text) => `\u001b[${code}m${text}\u001b[0m`
const arrow = paint('32', '➜')
console.log(`\n  ${paint('32;1', 'VITE v8.3.8')}  ready in ${paint('1', '412 ms')}\n`)
console.log(`  ${arrow}  ${paint('1', 'Local')}:   ${paint('36', `http://localhost:${process.env.PORT}/`)}`)
console.log(`  ${arrow}  ${paint('2', 'press')} ${paint('1', 'h + enter')} ${paint('2', 'to show help')}`)
for (const file of ['App.tsx', 'cart/Cart.tsx', 'main.css']) {
  const [time, path] = [paint('2', '10:42:17'), paint('2', `/src/${file}`)]
  console.log(`${time} ${paint('36;1', '[vite]')} ${paint('32', 'hmr update')} ${path}`)
}
console.error(`${paint('33', 'warning')} The prop "colour" is deprecated; use "color".`)
console.log(`${paint('41;97;1', ' ERROR ')} ${paint('38;5;208', '[plugin:css]')} Unknown word in /src/theme.css`)
console.log(`${paint('7', 'turned')} ${paint('35', 'magenta')} ${paint('38;2;255;240;120', 'pale yellow')}`)
console.log(`${paint('48;2;20;30;90', ' on deep blue ')} ${paint('48;5;229', ' on pale yellow ')}`)
http.createServer((_request, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1')
