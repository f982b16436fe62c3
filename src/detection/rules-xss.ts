import { rulesOf } from './rule.ts'

/** Markup and scripts that a browser would run, if a page repeated them. */
export const xssRules = rulesOf('xss', [
  {
    id: 'script',
    reason: 'A script element.',
    signs: '<',
    pattern: /[<\u00bc](?:[\s/]|\\x[\da-f]{2}){0,5}(?:\w{1,10}:)?\s{0,3}script(?![\w-]{1,3}\w)/y,
  },
  {
    id: 'element',
    reason: 'An element that loads or runs something.',
    signs: '<',
    pattern:
      /<[\s/]{0,5}(?:\w{1,10}:)?(?:iframe|object|embed|applet|meta|base|frameset|frame|isindex|layer|ilayer|bgsound|xss|plaintext|vmlframe|foreignobject|portal|importimplementation|import|link|style|keygen|math|listener|animate|marquee|event-source|html|xmp|svg)(?=[\s/>=+]|$)/y,
  },
  {
    id: 'element-attribute',
    reason: 'An element with an attribute that runs something.',
    signs: '<',
    pattern:
      /<[\s/]{0,3}[a-z-]{1,13}[\s/"'][^>]{0,80}?\b(?:on[a-z]{3,25}[\s/"']{0,5}=|(?:src|href|data|action|formaction|xlink:href|style|srcdoc|background|dynsrc|lowsrc|poster|code|codebase)\s{0,3}=\s{0,3}["']?\s{0,5}(?:javascript|vbscript|data|livescript|mocha)\b|xmlns(?::\w{1,10})?\s{0,2}=|pattern\s{0,2}=|style\s{0,3}=\s{0,3}["'][^"']{0,80}(?:position\s{0,2}:|expression|behaviou?r|url\s{0,2}\()|formaction\s{0,2}=|srcdoc\s{0,2}=)/y,
  },
  {
    id: 'spaced-element',
    reason: 'The name of an element with spaces between its letters.',
    signs: '<',
    pattern:
      /<\s{0,3}(?:s\s{1,2}c\s{1,2}r\s{1,2}i\s{1,2}p\s{1,2}t|f\s{1,2}o\s{1,2}r\s{1,2}m|d\s{1,2}i\s{1,2}a\s{1,2}l\s{1,2}o\s{1,2}g|i\s{1,2}f\s{1,2}r\s{1,2}a|s\s{1,2}v\s{1,2}g|i\s{1,2}m\s{1,2}g|o\s{1,2}b\s{1,2}j|e\s{1,2}m\s{1,2}b|s\s{1,2}t\s{1,2}y\s{1,2}l|m\s{1,2}e\s{1,2}t\s{1,2}a|v\s{1,2}i\s{1,2}d|a\s{1,2}u\s{1,2}d|b\s{1,2}o\s{1,2}d\s{1,2}y)/y,
  },
  {
    id: 'handler',
    reason: 'An attribute that handles an event, behind a quote or alone.',
    events: true,
    pattern:
      /(?<=['"<> /\n])on[a-z]{3,25}(?![\w-])[\s/"'\\]{0,5}=\s{0,5}(?:["'`(]|$|[a-z.]{1,30}\s{0,3}[(=`]|javascript|\d)/y,
  },
  {
    id: 'handler-known',
    reason: 'An attribute that handles an event.',
    words:
      'onload onerror onclick onmouseover onmouseenter onfocus onblur onsubmit onchange onkeyup onkeydown onkeypress onselect ontoggle onpageshow onpopstate onhashchange onanimationstart onanimationend ontransitionend onwheel onpointerover onscroll onresize onbegin onend onzoom onstart onfinish onbounce onreadystatechange onpropertychange oninput oninvalid oncopy onpaste oncut ondrag ondrop onauxclick onbeforescriptexecute'.split(
        ' ',
      ),
    pattern: /on[a-z]{3,30}\s{0,3}=\s{0,3}(?:["']?[\w.]{1,40}\s{0,3}[(=`]|$|["']?javascript:)/y,
  },
  {
    id: 'handler-name',
    reason: 'A name that begins like an event attribute.',
    kinds: ['name'],
    start: true,
    pattern: /[\s/"']{1,5}on[a-z]{3,25}\s{0,5}=/y,
  },
  {
    id: 'scheme',
    reason: 'An address that runs a script.',
    words: ['javascript', 'vbscript', 'livescript', 'ja'],
    pattern:
      /(?<![a-z,] |`)(?:java|vb|live)script\s{0,3}(?::|&#x?0{0,4}(?:58|3a|10)\b:?|\n:)(?!\s?[a-z]{2,20} [a-z])\s{0,5}(?:[\w.$[\]]{1,40}[(=`;[]|\/[*/]|["'`(+{\\&%<[]|void|$)|ja\s{1,5}vascript\s{0,3}:/y,
  },
  {
    id: 'style-scheme',
    reason: 'A style that runs a script.',
    words: ['url', 'expression', 'behavior', 'binding', 'moz'],
    pattern:
      /(?<=[:=]\s{0,3}[\w-]{0,10})(?:url\s{0,3}\(\s{0,3}["']?\s{0,3}(?:java|vb)script|expression\s{0,3}\(|behavior\s{0,2}:\s{0,2}url)|(?:moz-binding|binding)\s{0,3}:\s{0,3}url/y,
  },
  {
    id: 'data-page',
    reason: 'An address that holds a page or script of its own.',
    words: ['data'],
    pattern:
      /data:\s{0,3}(?:text\/(?:html|javascript|xml)|image\/svg\+xml|application\/(?:xhtml|javascript|x-shockwave)|,\s{0,3}(?:alert|<))/y,
  },
  {
    id: 'entity',
    reason: 'A declaration of XML that reads from elsewhere, or hides text.',
    signs: '<',
    pattern:
      /<!\s{0,3}(?:entity\b|doctype\s{1,20}[\w:-]{1,30}\s{0,5}(?:\[|system|public)|element\s|attlist\s|\[cdata\[|--\[if)|<\?(?:xml\b.{0,80}<!|import)/y,
  },
  {
    id: 'style-import',
    reason: 'A style sheet from elsewhere.',
    signs: '@',
    pattern: /@\s{0,2}i\\?m\\?p\\?o\\?r\\?t\s{0,5}['"\\(]|(?<=style>)@[\\i]/y,
  },
  {
    id: 'document',
    reason: 'A script that reads or changes the page.',
    words: [
      'document',
      'window',
      'self',
      'top',
      'parent',
      'globalthis',
      'location',
      'frames',
      'navigation',
    ],
    pattern:
      /(?:document\s{0,3}\)?\s{0,3}(?:\.\s{0,3}(?:cookie|domain|write(?:ln)?|location|body|queryselector|createelement|getelement|documentelement|forms|referrer|url\b|defaultview|implementation|execcommand)|\[\s{0,3}["'`/(\\])|window\s{0,3}(?:\.\s{0,3}(?:location|name|open|execscript|alert|onerror|top|eval|document|atob|localstorage)\b|\[\s{0,3}["'`/(\\])|(?:self|top|parent|globalthis|frames)\s{0,6}\[\s{0,6}(?:["'`/(\\]|\w{1,12}[\])+])|(?:self|top|parent|globalthis)\.(?:document|alert|eval|location)\b|location\s{0,3}(?:\.\s{0,3}(?:href|hash|assign|replace|search)\s{0,3}[=(]|=\s{0,3}["'`(\w]{1,20}[:(.]|\[\s{0,3}["'])|navigation\.navigate)/y,
    short: 400,
  },
  {
    id: 'call-start',
    reason: 'The text calls what scripts in pages call.',
    words: [
      'alert',
      'prompt',
      'confirm',
      'atob',
      'btoa',
      'settimeout',
      'setinterval',
      'eval',
      'fetch',
      'setimmediate',
      'execscript',
      'importscripts',
      'fromcharcode',
    ],
    pattern:
      /(?<![\w.] {0,2})(?:\w{4,14})\s{0,3}(?:\(|`)\s{0,3}(?:[)\d"'`/(]|document|window|name|code|this|self|location|string|atob|\w{1,12}\s{0,3}[,)])/y,
    short: 120,
  },
  {
    id: 'constructor',
    reason: 'A function made of text, or called around a filter.',
    words: [
      'function',
      'new',
      'call',
      'apply',
      'map',
      'sort',
      'filter',
      'reflect',
      'find',
      'foreach',
      'some',
      'every',
      'bind',
      'reduce',
    ],
    pattern:
      /(?:new\s{1,5}(?:function|\(?image)\)?\(|function\(\s{0,3}["'`]|(?<=[.\])]\s{0,3})(?:call|apply|bind|map|sort|filter|find|foreach|some|every|reduce)\s{0,3}(?:\.\s{0,3}(?:call|apply)\s{0,3})?(?:`\s{0,3}\$|\.\s{0,3}(?:call|apply)\s{0,3}[`(])|reflect\.(?:apply|construct|get)\b)/y,
    short: 100,
  },
  {
    id: 'only-signs',
    reason: 'A script written with signs alone.',
    signs: '[(!+',
    pattern:
      /(?:\(?!{1,2}\[\]\s{0,2}[+)]|\(!{1,2}\[\]\s{1,2}\[|\[\]\s{0,2}\[\s{0,2}\(?!|\+!\+\[\]|\[\+!|\(!!?\[\]\s{0,2}[+)]|\[\]\[\(|\[!\[\]\])/y,
  },
  {
    id: 'utf7',
    reason: 'Markup in UTF-7.',
    signs: '+',
    pattern: /\+adw-?|\+ad4-|\+aci-?ad4/y,
  },
  {
    id: 'us-ascii',
    reason: 'Markup in US-ASCII with a set high bit.',
    start: true,
    pattern:
      /[^\u00bc\u00be\\\ufffd]{0,60}(?:\u00bc|\\xbc)[^\u00bc\u00be\\]{1,60}(?:\u00be|\\xbe)/y,
    short: 300,
  },
  {
    id: 'break-out',
    reason: 'A quote or a script is closed and a script goes on.',
    signs: `'";`,
    pattern:
      /(?:['"][\s)}\]]{0,5}[;+\-*/,|&^]{1,2}|^;)\s{0,5}(?:alert|prompt|confirm|eval|settimeout|setinterval|fetch|document|window|location|top|self|import|function|new\s{1,20}\w)\s{0,3}[(.[`=]/y,
  },
  {
    id: 'page-parts',
    reason: 'A script that rewrites the page.',
    words: [
      'innerhtml',
      'outerhtml',
      'parentnode',
      'insertadjacenthtml',
      'import',
      'queryselector',
    ],
    pattern:
      /(?<=\.)(?:(?:inner|outer)html|parentnode|insertadjacenthtml)\b|(?<=\.)queryselector(?:all)?\(|import\s{0,3}\(\s{0,3}["'`/]/y,
    short: 200,
  },
  {
    id: 'data-start',
    reason: 'The text is an address that holds a document of its own.',
    start: true,
    pattern:
      /data:(?!(?:image\/(?!svg)|font\/|audio\/|video\/))[\w*-]{1,40}\/[\w*+.-]{1,60}\s{0,2}[;,]/y,
  },
  {
    id: 'comment-close',
    reason: 'A comment or raw text is closed and markup follows.',
    signs: '-<',
    pattern:
      /(?:-->|<\/(?:title|textarea|style|noscript|script|xmp|template|noembed)\s{0,3}>)\s{0,10}['"]?<[a-z!/]/y,
  },
])
