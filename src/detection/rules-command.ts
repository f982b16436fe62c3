import { type FieldKind, rulesOf } from './rule.ts'
import {
  commandNames,
  lonelyCommandNames,
  rareCommandNames,
  runnerNames,
  wordsOf,
} from './words.ts'

// What may stand between a separator and the command: quotes, variables, a path, a command that runs it.
const lead = String.raw`[\s'"\\(@!{]{0,8}(?:\$\w{1,10}(?!\w)\s{0,3})?(?:[\w.]{1,12}=\S{0,20}\s)?(?:(?:sudo|nohup|time|env|exec|command|eval|busybox|start|call)\s{1,3}){0,2}(?:[a-z]:\\)?(?:[~\w*?.-]{0,21}[/\\]){0,8}`
const end = String.raw`(?:\.exe|\.com|\.bat)?(?![\w.@:=/-])`
const argument = String.raw`(?:\s{1,5}(?:-{1,2}\w|/\w|[~.]{1,2}/|https?:|\S{1,60}\s{1,3}-{1,2}\w|\S{0,30}[/\\|<>]|[a-z]:\\)|\s{0,3}[|<>;&]{1,3}\s{0,3}[\w"'/$&])`

const attacked: readonly FieldKind[] = ['path', 'query', 'cookie', 'form', 'text', 'name']

/** Commands for the shell of a Unix or Windows system. */
export const commandRules = rulesOf('command', [
  {
    id: 'separated',
    reason: 'A separator of the shell is followed by a program.',
    signs: ';|&\n{',
    pattern: new RegExp(
      String.raw`(?:[;|&{]{1,3}|(?<=^\s{0,3})\n)${lead}([a-z][\w.-]{0,25}?)${end}(?=\s{0,3}(?:$|[;|&<>]|['"\x60)}]{1,2}\s{0,3}$)|\s{1,3}(?:-{1,2}\w|/\w|\$\w|\./|~/|https?:))`,
      'y',
    ),
    among: commandNames,
    short: 300,
    kinds: attacked,
  },
  {
    id: 'separated-long',
    reason: 'A separator of the shell is followed by a program and an option or path.',
    signs: ';|&',
    pattern: new RegExp(
      String.raw`[;|&]{1,2}${lead}([a-z][\w.-]{0,25}?)${end}\s{1,3}(?:-{1,2}\w{1,12}\s{1,3}){0,3}(?:/(?:etc|proc|var|usr|bin|tmp|dev|home|root)\b|https?:)`,
      'y',
    ),
    among: commandNames,
    kinds: attacked,
  },
  {
    id: 'separated-rare',
    reason: 'A separator of the shell is followed by a program.',
    signs: ';|&\n`',
    pattern: new RegExp(
      String.raw`(?:[;|&]{1,3}\x60?|(?<=^|[=:]\s{0,2})\x60|(?<=[^\n]{3})\n(?=[^\n]{1,80}$))${lead}([a-z][\w.-]{1,25}?)${end}`,
      'y',
    ),
    among: rareCommandNames,
    short: 140,
    kinds: attacked,
  },
  {
    id: 'separated-header',
    reason: 'A header is a separator of the shell and a program.',
    start: true,
    pattern: new RegExp(
      String.raw`[\s'"]{0,3}[;|&\x60]{1,2}${lead}([a-z][\w.-]{0,25}?)${end}`,
      'y',
    ),
    among: commandNames,
    kinds: ['header'],
  },
  {
    id: 'piped',
    reason: 'The output of one program is given to another.',
    signs: '|',
    pattern:
      /\|{1,2}&?\s{0,3}(?:\/\S{1,20}\/)?(?:sudo\s)?(?:ba|da|z|k|c)?sh\b|\|\s{0,3}(?:base64|python3?|perl|ruby|php|tee|xargs|nc|rev|tac)\b/y,
  },
  {
    id: 'start',
    reason: 'The text is a command with its arguments.',
    start: true,
    pattern: new RegExp(
      String.raw`[\s'"\\(]{0,4}(?:[~\w.-]{0,21}/){0,8}([a-z][\w.-]{0,25}?)(?:\.exe)?['"]?(?:${argument}|[\s'"]{0,2};[\s'"\d;]{0,5}$)`,
      'y',
    ),
    among: rareCommandNames,
    short: 100,
    kinds: ['query', 'cookie', 'form', 'text', 'name'],
  },
  {
    id: 'alone',
    reason: 'The text is a command that tells about the system, or one that no person is called.',
    start: true,
    pattern: /[\s'"\\(]{0,4}(?:[~\w.-]{0,21}\/){0,8}([a-z][\w.-]{0,25})['"]?[\s;]{0,3}$/y,
    among: lonelyCommandNames,
    short: 60,
    kinds: ['query', 'cookie', 'form', 'text', 'name'],
  },
  {
    id: 'start-plain',
    reason: 'The text is a command with its arguments.',
    start: true,
    pattern:
      /[\s'"\\(]{0,4}([a-z][\w.-]{0,25}?)\s{1,5}(?:-\w\b|--\w{2,20}\b|\/(?:etc|proc|var|usr|bin|tmp|dev|home|root)\b|\/\s{0,2}[;|&]|\S{1,20}\s{0,2}[|;]\s{0,2}[a-z]{2,10}\b)/y,
    among: commandNames,
    short: 80,
    kinds: ['query', 'cookie', 'form', 'text', 'name'],
  },
  {
    id: 'tool',
    reason: 'The text runs a program that manages systems.',
    start: true,
    pattern:
      /['"]?(?:ansible(?:-\w{3,10})?|chef-\w{3,8}|cscli|kubectl|docker|puppet|knife|systemctl|aws|gcloud|az|terraform|helm|certbot|virsh|npx|easyrsa|restic|mosquitto_\w{3})['"]?\s{1,3}[\w-]{2,20}(?:\s{1,3}\S{1,40}){0,4}\s{0,3}$/y,
    short: 100,
    kinds: ['query', 'cookie', 'form', 'text', 'name'],
  },
  {
    id: 'runner',
    reason: 'A command that runs another.',
    start: true,
    pattern: new RegExp(
      String.raw`.{0,10}?\b(?:${[...runnerNames].join('|')})\s{1,3}(?:-\w{1,10}\s{1,3}|\d{1,5}[smh]?\s{1,3}|\w{1,10}=\S{0,20}\s{1,3}){0,3}(?:/[\w/]{1,20}/)?([a-z][\w.-]{0,25})(?![\w.'’@-])`,
      'y',
    ),
    among: rareCommandNames,
    short: 120,
    kinds: ['query', 'cookie', 'form', 'text', 'name'],
  },
  {
    id: 'shell-c',
    reason: 'A shell is given a command to run.',
    words: wordsOf(
      'sh bash dash zsh ksh cmd powershell pwsh su perl python python3 ruby php node c89 c99 cc gcc wrapper nc ncat netcat socat busybox env awk gawk find tar xargs vi vim ex sed',
    ),
    pattern:
      /(?:(?:ba|da|z|k)?sh\s{1,4}(?:-\w{1,3}\s{1,4}){0,2}-i?c\s{0,3}\S|sh\$\w{0,4}\s{1,3}-c|cmd(?:\.exe)?\s{1,3}\/[ckrq]\b|(?:powershell|pwsh)(?:\.exe)?\s{1,3}-(?:\w{1,15}|\w)|(?:perl|python3?|ruby|php\d?|node)\s{1,3}-(?:e|c|r)\s{0,3}['"\w]|wrapper\s{1,3}(?:ba)?sh|(?:nc|ncat|netcat)\s{1,3}-\w{0,5}e|socat\s{1,3}\w{1,10}:|awk\s{1,3}['"]?\s{0,3}(?:begin|\{)|find\s{1,3}[/.]\S{0,30}\s.{0,60}-(?:exec|name|delete)\b|vim?\s{1,3}-c|xargs\s{1,3}-)/y,
    short: 200,
  },
  {
    id: 'download',
    reason: 'Something is fetched to be run.',
    words: wordsOf('curl wget fetch lwp-download aria2c tftp ftpget certutil bitsadmin iwr'),
    pattern:
      /(?:curl|wget|aria2c|iwr)\s{1,4}(?:-{1,2}[\w-]{1,20}\s{1,3}){0,4}(?:https?:\/\/|ftp:\/\/|\d{1,3}\.\d{1,3}\.).{0,120}?(?:[|;&>]|$)|certutil.{0,30}-urlcache|bitsadmin.{0,30}\/transfer/y,
  },
  {
    id: 'substitution',
    reason: 'A substitution of the shell.',
    signs: '$<>=',
    pattern:
      /\$\((?!\s|['"#.]|document|window|this|\)|\d[\d,.]{0,10}\))[^)]{1,60}(?:\)|$)|\$\(\(|\$\[|\$\{(?!\s)[^}]{0,60}(?:\}|$)|[<>]\([a-z][\w\s/.-]{0,40}\)|=\([a-z]{2,10}\s/y,
    short: 64,
    kinds: ['path', 'query', 'header', 'cookie', 'form', 'text', 'name'],
  },
  {
    id: 'substitution-program',
    reason: 'The shell puts the output of a program in place.',
    signs: '$<>',
    pattern: /(?:\$\(|[<>]\()\s{0,3}(?:\/[\w/]{1,20}\/)?([a-z][\w.-]{1,20})[\s)$;|]/y,
    among: rareCommandNames,
    kinds: attacked,
  },
  {
    id: 'separator-variable',
    reason: 'A variable of the shell stands for a space.',
    signs: '$',
    pattern: /(?<=[\w/])\$\{?ifs\b|\$\{?ifs\}?[\w/$]|\$\{(?:path|home|shell|pwd|lang)(?::\d|%|#)/y,
  },
  {
    id: 'backticks',
    reason: 'A command in backticks.',
    signs: '`',
    pattern:
      /`[\s'"]{0,3}(?:\/(?:usr\/)?s?bin\/)?([a-z][\w.-]{0,20}?)(?:\s{1,3}[-/$][^`]{1,60}|\s{0,3}|<<<?[^`]{1,40}|\s{1,3}[^`\s]{1,30})`/y,
    among: rareCommandNames,
    short: 60,
  },
  {
    id: 'here-string',
    reason: 'A text is given to a program of the shell.',
    signs: '<',
    pattern: /<<<\s{0,2}[\w$'"`(]/y,
  },
  {
    id: 'glob',
    reason: 'A path is written with patterns, to get past a filter.',
    signs: '/',
    pattern:
      /(?<![\w)\]>])\/(?:[\w/*?]{0,12}\[(?:[^\]\s]|!?\w-\w[^\]\s]{0,6}|[^\]\s]{0,3}\/{1,3}[^\]\s]{0,3}|![^\]\s]{1,6})\][\w/]|(?:[\w*?]{1,6}\/)?(?:[a-z]{0,4}\?{1,4}[a-z?]{0,4}|\*[a-z]{1,3}\*?)\/[\w*?]{0,8}[*?])/y,
  },
  {
    id: 'alias',
    reason: 'A word of the shell is given another meaning.',
    words: ['alias'],
    pattern: /alias\s{1,5}(?:[-+]\w{0,5}\+?\s{1,5})?['"]?[\w.]{1,30}['"]?=['"]?[\w.~/$]/y,
  },
  {
    id: 'function',
    reason: 'A function of the shell, as in Shellshock.',
    signs: '(',
    pattern: /\(\s{0,2}\)\s{0,3}\{(?:$|\s{0,3}[:_\w]{1,10}\s{0,3};)/y,
  },
  {
    id: 'device',
    reason: 'A connection by the shell.',
    signs: '/',
    pattern:
      /\/dev\/(?:tcp|udp)\/|(?<=[<>&]\s{0,3})\/dev\/(?:tcp|udp|null\s{0,2}[;|&])|\/d\/tcp\//y,
  },
  {
    id: 'tilde',
    reason: 'The text is a folder as the shell names it.',
    start: true,
    pattern: /\s?~[+-]\d{0,3}(?:\s|\/|$)|\s?~\d{1,3}$/y,
    short: 40,
    kinds: ['query', 'cookie', 'form', 'text'],
  },
  {
    id: 'braces',
    reason: 'Words are made of braces, as the shell does.',
    start: true,
    pattern:
      /[\w/.-]{0,20}\{[\w/.~'"-]{0,30},(?![\w/.~'" ]{1,30},)[\w/.~'"-]{0,30}\}[\w/.-]{0,20}(?:\s|$)/y,
    short: 120,
    kinds: ['query', 'cookie', 'form', 'text'],
  },
  {
    id: 'history',
    reason: 'A command of the history of the shell.',
    start: true,
    pattern: /\s?!-?\d{1,4}(?:!-?\d{1,4}|[:^$*]|\s?$)|\s?!!(?::|$)/y,
    short: 40,
    kinds: ['query', 'cookie', 'form', 'text'],
  },
  {
    id: 'path',
    reason: 'The text is the path of a program.',
    start: true,
    pattern: /[\s'"=;|&(]{0,4}\/?(?:usr\/(?:local\/)?)?s?bin\/[\w.-]{1,30}(?:\s|$|['";|&])/y,
    short: 160,
    kinds: ['query', 'cookie', 'form', 'text', 'name'],
  },
  {
    id: 'lone',
    reason: 'The text is the name of a program, dressed up.',
    start: true,
    pattern:
      /(?:\\|['"]{1,2}[;|&]?|[;|&`\n]{1,2}['"]?|\(|@)\s{0,3}([a-z][\w.-]{0,25})['"`)]{0,2}[\s;]{0,3}$/y,
    among: commandNames,
    short: 40,
  },
  {
    id: 'time',
    reason: 'A program is run and timed.',
    words: ['time'],
    pattern: /time;?\s{1,3}(?:-p\s)?([a-z][\w-]{1,25})(?:\s|$)/y,
    among: rareCommandNames,
    short: 160,
  },
  {
    id: 'restricted-name',
    reason: 'A header names a file that programs of the system use.',
    start: true,
    kinds: ['header'],
    pattern: /(?:mtrr|wp-config\S{0,12}|config\.yml\s?)$/y,
  },
  {
    id: 'lookup',
    reason: 'A lookup of a logger that loads code.',
    signs: '$',
    pattern:
      /\$\{\s{0,3}(?:jndi|[\w:$-]{0,60}\}?\{?j?ndi|(?:lower|upper|env|sys|java|date|ctx|main)\s{0,2}:|:{1,3}[\w-]{0,10}:?-)/y,
    json: 5,
  },
  {
    id: 'lookup-name',
    reason: 'A lookup of a logger that loads code.',
    words: ['jndi'],
    pattern: /jndi\s{0,2}:\s{0,2}(?:ldaps?|rmi|dns|nis|iiop|corba|nds|https?)\b/y,
    json: 5,
  },
])
