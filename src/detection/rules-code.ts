import { rulesOf } from './rule.ts'

/** Code of JavaScript, Ruby, PHP, Java and Python that a server would run. */
export const codeRules = rulesOf('code', [
  {
    id: 'node',
    reason: 'Parts of Node that run programs or load code.',
    words: [
      'process',
      'require',
      'global',
      'globalthis',
      'child_process',
      'mainmodule',
      'console',
      'this',
    ],
    pattern:
      /(?:process\s{0,3}(?:\.\s{0,3}(?:env|mainmodule|binding|exit|kill|dlopen|stdout|argv|_load|spawn|exec|cwd|constructor)\b|\[)|require\s{0,3}\(\s{0,3}["'`](?:child_process|fs|os|net|vm|http|node:|module)|child_process(?:["'`]\)|\.\w)|mainmodule\b|console\s{0,3}(?:\.\s{0,3}(?:log|info|error|debug|trace|dir|warn|table|assert|count|time|group|profile)\s{0,3}\(|\[\s{0,3}["'`])|global(?:this)?\s{0,3}(?:\.\s{0,3}process|\[\s{0,3}["'`])|this\.constructor)/y,
    short: 80,
  },
  {
    id: 'node-run',
    reason: 'Code loads the module that runs programs.',
    words: ['require', 'mainmodule', 'process'],
    pattern:
      /(?:mainmodule\s{0,3}[.[]\s{0,3}["'`]?require\b|require\s{0,3}\(\s{0,3}["'`](?:node:)?child_process["'`]\s{0,3}\)\s{0,3}[.[]\s{0,3}["'`]?exec)/y,
    json: 5,
  },
  {
    id: 'serialised',
    reason: 'A function hidden in serialised data.',
    signs: '$',
    words: ['__js_function', '_', '__nd_func__', '_nd_func_', '_function'],
    pattern: /(?:_?\$\$\s{0,2}nd_func\s{0,2}\$\$|__js_function|_\$\$nd_func|_nd_func_)/y,
    json: 5,
  },
  {
    id: 'flight',
    reason: 'A reference of a serialised stream that leads to a constructor.',
    signs: '$',
    pattern: /\$\w{1,6}:(?:__proto__|constructor|then)(?:$|:)|\$\d{1,3}:constructor:constructor/y,
    json: 5,
  },
  {
    id: 'function-start',
    reason: 'The text is a function.',
    words: ['function'],
    pattern: /function\s{0,3}\w{0,20}\(\s{0,3}[\w,\s]{0,40}\)\s{0,3}\{/y,
    short: 300,
  },
  {
    id: 'loop',
    reason: 'A loop without end.',
    words: ['while', 'for'],
    pattern:
      /(?:while\s{0,3}\(\s{0,3}(?:!|\(?\s{0,3}true|-|\+|\d|new\s|[a-z]{1,12}\s{0,3}\)|["'`[{/])|for\s{0,3}\(\s{0,3};\s{0,3};)/y,
    short: 300,
  },
  {
    id: 'ruby',
    reason: 'Code of Ruby or Java that runs programs.',
    words: [
      'process',
      'kernel',
      'io',
      'open3',
      'system',
      'exec',
      'spawn',
      'popen',
      'runtime',
      'processbuilder',
      'java',
      'instance_eval',
      'fork',
    ],
    pattern:
      /(?:(?:process|kernel|io|open3)\s{0,2}\.\s{0,2}(?:spawn|exec|exit!?|fork|system|popen\w{0,3}|capture\w{0,3}|syscall|daemon|trap|open|eval|sleep|load|test)\b[\s(]|(?:system|exec|spawn|popen|fork|instance_eval)\s{0,3}[(\s]\s{0,3}["'`][^)]{0,60}["'`)]|runtime\s{0,2}\.\s{0,2}getruntime|processbuilder\s{0,2}\(|java\.(?:lang|io|util|net)\.\w)/y,
    short: 100,
  },
  {
    id: 'ruby-literal',
    reason: 'A command as a literal of Ruby or Perl.',
    signs: '%@#',
    pattern:
      /%x\s{0,2}[({[|'!]|@\{\s{0,3}\[|#\{\s{0,3}(?:%x|`|system|exec|io\.|process|kernel|file\.|7\s?\*)/y,
  },
  {
    id: 'php',
    reason: 'Code of PHP.',
    signs: '<',
    words: [
      'eval',
      'assert',
      'base64_decode',
      'phpinfo',
      'passthru',
      'shell_exec',
      'proc_open',
      'call_user_func',
      'create_function',
      'preg_replace',
      'file_get_contents',
      'file_put_contents',
      'include',
      'require_once',
      'pcntl_exec',
      'allow_url_include',
      'auto_prepend_file',
    ],
    pattern:
      /(?:<\?(?:php\b|=|\s{0,2}\$)|(?:base64_decode|phpinfo|passthru|shell_exec|proc_open|call_user_func\w{0,6}|create_function|file_get_contents|file_put_contents|pcntl_exec)\s{0,3}\(|(?:eval|assert)\s{0,3}\(\s{0,3}(?:\$|base64|gzinflate|str_rot13|["'`])|(?:allow_url_include|auto_prepend_file)\s{0,3}=)/y,
    short: 4_000,
  },
  {
    id: 'python',
    reason: 'Parts of Python that lead from any value to the system.',
    words: [
      '__class__',
      '__mro__',
      '__subclasses__',
      '__globals__',
      '__builtins__',
      '__import__',
      '__init__',
      '__bases__',
      '__base__',
      '__reduce__',
      'os',
      'subprocess',
      'importlib',
      'pickle',
    ],
    pattern:
      /(?:__(?:class|mro|subclasses|globals|builtins|import|bases|base|reduce)__\s{0,3}(?:[.([\]}'"|]|$)|__init__\s{0,2}\.\s{0,2}__|os\.(?:system|popen|exec\w{0,3}|spawn\w{0,3})\s{0,2}\(|subprocess\.(?:popen|run|call|check_output)\s{0,2}\(|importlib\.import_module\()/y,
    short: 4_000,
  },
])

/** Expressions that an engine of templates would work out. */
export const templateRules = rulesOf('template', [
  {
    id: 'braces',
    reason: 'An expression in double braces.',
    signs: '{',
    pattern:
      /\{\{-?\s{0,5}(?:[\d.]{1,10}\s{0,3}[-+*/%]\s{0,3}['"\d]|['"][^'"]{0,30}['"]\s{0,3}(?:\.|\||\*|\[|\()|(?:self|config|request|session|cycler|lipsum|joiner|namespace|url_for|get_flashed_messages|app|constructor|_self|settings|this|range|dict|class|object|g)\s{0,3}(?:[.|[(]|\}\})|\w{1,40}\s{0,2}(?:\.\s{0,2}(?:__|constructor|class|getclass)|\()|\[|\(|[^}]{0,80}(?:__\w{1,20}__|\|attr|\|map|\|filter|constructor|getruntime|system\())/y,
    kinds: ['path', 'query', 'header', 'cookie', 'form', 'text', 'name'],
  },
  {
    id: 'tags',
    reason: 'An expression or statement in the tags of a template.',
    signs: '<{',
    pattern:
      /<%\s{0,3}[=#@!-]?\s{0,5}(?:[\d.]{1,10}\s{0,3}[-+*/%]\s{0,3}\d|\w{1,30}\s{0,2}[(.[]|`|['"]|system|file|io\.|import|response|request|@|eval|exec|foreach|page)|\{%-?\s{0,5}(?:for|if|set|include|import|extends|macro|print|with|block|raw|call|filter|debug|load|import_module)\b|<#(?:assign|list|import|include|if|macro|function|setting)\b|\{(?:php|literal|fetch|include|eval|system|if\s|math\s)[\s}]/y,
  },
  {
    id: 'expression',
    reason: 'An expression of a template or of an expression language.',
    signs: '$#*@~%',
    pattern:
      /(?:[$#*@~]\{\s{0,5}(?:[\d.]{1,10}\s{0,3}[-+*/%]\s{0,3}[\d'"]|["'][^"']{0,30}["']\s{0,2}[.+*]|t\s{0,2}\(|new\s|(?:class|request|session|application|param|self|this|global|process|system|runtime|java|facescontext|pagecontext|request)\b\s{0,2}[.[(]|\w{1,30}\.(?:getclass|class|constructor|forname|env|binding|exec)\b|\w{1,20}\()|%\{\s{0,3}\(?\s{0,3}#|#\{[^}\s][^}\s.*([]{0,59}[.*([][^}]{0,60}\}|#set\s{0,2}\(|#foreach\s{0,2}\(|#evaluate\s{0,2}\(|@\(\s{0,3}\d{1,5}\s{0,3}[-+*/]|#\{\s{0,3}\})/y,
  },
])

/** Keys that lead from an object to what all objects share. */
export const prototypeRules = rulesOf('prototype', [
  {
    id: 'name',
    reason: 'A name leads to the prototype of objects.',
    kinds: ['name'],
    start: true,
    pattern:
      /.{0,80}?(?:__proto__|constructor[\]\s.["']{1,4}prototype|__definegetter__|__lookupgetter__|__definesetter__|__lookupsetter__)/y,
  },
  {
    id: 'value',
    reason: 'A text leads to the prototype of objects.',
    words: ['__proto__', 'constructor', '__definegetter__', '__lookupgetter__'],
    pattern:
      /(?:__proto__\s{0,3}["'\]]{0,2}\s{0,3}[.:=[\]]|__proto__$|constructor\s{0,2}["'\]]{0,2}\s{0,2}(?:\.|\[)\s{0,2}["']?(?:prototype|constructor)|__(?:define|lookup)getter__)/y,
  },
])

const headerNames =
  'set-cookie|location|content-type|content-length|content-disposition|content-encoding|transfer-encoding|host|refresh|link|access-control-\\w{1,20}|x-[a-z-]{2,30}|cache-control|connection|bcc|cc|to|from|subject|mime-version|www-authenticate|referer|user-agent|cookie'

/** Line breaks that would begin a header or a line of a log. */
export const headerRules = rulesOf('header', [
  {
    id: 'break',
    reason: 'A line break followed by a header.',
    signs: '\r\n',
    kinds: ['path', 'query', 'header', 'cookie', 'name'],
    pattern: new RegExp(
      String.raw`[\r\n]{1,4}[ \t]{0,3}(?:(?:${headerNames})\s{0,2}:|http/\d)`,
      'y',
    ),
  },
  {
    id: 'response',
    reason: 'A line break followed by what splits a response.',
    signs: '\r\n',
    pattern:
      /[\r\n]{1,4}[ \t]{0,3}(?:http\/[012](?:\.\d)?\s{1,3}\d{3}|set-cookie\s{0,2}:\s{0,3}[\w-]{1,40}=|content-length\s{0,2}:\s{0,3}\d|(?:get|post|head|put|delete|options)\s{1,3}\/\S{0,80}\s{1,3}http\/\d)/y,
  },
])

export const logRules = rulesOf('log', [
  {
    id: 'line',
    reason: 'A line break followed by what looks like a line of a log.',
    signs: '\r\n',
    kinds: ['path', 'query', 'header', 'cookie', 'name'],
    pattern:
      /[\r\n]{1,4}\s{0,3}(?:\[?\d{4}-\d\d-\d\d[t ]\d\d:\d\d|\[?(?:info|error|warn(?:ing)?|debug|fatal|critical|notice|trace)\]?\s{0,2}[:\s-]|\{\s{0,3}"(?:level|time|msg|severity)"|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\s-)/y,
  },
  {
    id: 'terminal',
    reason: 'A control sequence of a terminal.',
    signs: '\u001b',
    kinds: ['path', 'query', 'header', 'cookie', 'name'],
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what the rule looks for
    pattern: /\u001b[[\]()]/y,
  },
])
