import { helpLinks } from '../../../shared/help-links.js'
import { numbered } from '../../numbered.js'

/** What to do about something, with links to the sites that it names where those are known ones. */
export function HintText({ text }: { text: string }) {
  return numbered(helpLinks(text)).map(({ item: { text: piece, isLink }, number }) =>
    isLink ? (
      <a key={number} className="hint-link" href={piece} target="_blank" rel="noreferrer">
        {piece.replace('https://', '')}
      </a>
    ) : (
      piece
    ),
  )
}
