import { CopyButton } from '../../components/copy-button.js'
import { strings } from '../../strings.js'

/** An address to open and to copy. @param more how many further ones there are */
export function AppUrl({ url, more = 0 }: { url: string; more?: number }) {
  return (
    <span className="url">
      <a className="above" href={`${url}/`} target="_blank" rel="noreferrer" title={strings.actions.open(url)}>
        {url.replace('https://', '')}
      </a>
      <CopyButton text={url} what={url} />
      {more > 0 && <span className="chip">+{more}</span>}
    </span>
  )
}
