import { rulesOf } from './rule.ts'
import { catalogueNames, databaseFunctions, sharedFunctions, wordsOf } from './words.ts'

const operand = String.raw`(?:not\s{1,5})?[\s(@!~+-]{0,10}(?:'[^']{0,80}'|"[^"]{0,80}"|[\w.]{1,40}\([\w.,' ]{0,30}\)?|[\w.][\w., ]{0,49}\)?)`
const comparison = String.raw`\s{0,5}(?:::\w{1,12}\s{0,3})?(?:[<>=!]=?|<@|@>|@@|\?[|&]?|->>?|#>>?|\|\||r?like\s{0,3}['"(%]|regexp\s{0,3}['"(]|in\s{0,2}\(\s{0,2}['"\d(]|between\s{1,20}['"\d]|is\s{1,20}(?:not\s{1,20})?null\b)`

/** SQL that breaks out of a value, or that no value has a reason to hold. */
export const sqlRules = rulesOf('sql', [
  {
    id: 'tautology',
    reason: 'A quote or bracket is closed and a condition is added.',
    signs: `'"`,
    pattern: new RegExp(
      String.raw`['"][\s)'"%]{0,10}(?:\b(?:or|and|xor|having|where|like|rlike|regexp|not|div|mod)\b|\|\||&&)(?:${operand}${comparison}|[\s(]{0,5}(?:not\s{1,20})?(?:exists\s{0,3}\(|select\b|sleep\b|true\b|false\b|null\b|\w{1,40}\s{0,2}\([^)]{0,40}\)\s{0,3}--))`,
      'y',
    ),
  },
  {
    id: 'tautology-bracket',
    reason: 'A quote or bracket is closed and a condition is added.',
    signs: '`)',
    pattern: new RegExp(
      String.raw`[\`)][\s)'"%]{0,10}(?:\b(?:or|and|xor|having|where|like|rlike|regexp|not|div|mod)\b|\|\||&&)(?:${operand}${comparison}|[\s(]{0,5}(?:not\s{1,20})?(?:exists\s{0,3}\(|select\b|sleep\b|true\b|false\b|null\b|\w{1,40}\s{0,2}\([^)]{0,40}\)\s{0,3}--))`,
      'y',
    ),
    short: 160,
  },
  {
    id: 'tautology-number',
    reason: 'A condition on constants is added.',
    words: ['or', 'and', 'xor', 'having'],
    pattern:
      /(?:or|and|xor|having)[\s(]{1,10}(?:\d{1,12}\s{0,5}(?:=|like)\s{0,5}['\x22]?\d{1,12}|\d{1,12}\s{0,5}(?:[<>]|!=|<>|>=|<=)\s{0,5}\d{1,12}\s{0,3}(?:$|--|#|[)'\x22&|])|'[^']{0,80}'(?:::\w{1,12})?\s{0,5}(?:[=<>?@#-]|\|\||like)|true\s{0,3}(?:--|#|$)|\{\s{0,2}(?:if|fn|d|t|ts|x)\b|json_|"[^"]{0,30}"\s{0,3}=\s{0,3}"|null\s{1,3}is)/y,
  },
  {
    id: 'union',
    reason: 'The result of another query is joined on.',
    words: ['union'],
    pattern:
      /union(?:[\s(#@]|%23){1,10}(?:(?:all|distinct|distinctrow)[\s(@]{1,10})?select\b(?:[\s(@]|all|distinct){0,20}(?:[\d'"@*([`/]|null\b|\w{1,30}\s{0,3}[,(.]|\w{1,30}\s{1,3}(?:from|into)\b|top\b|char\b|concat\b|\s{0,3}$|--)/y,
  },
  {
    id: 'union-break',
    reason: 'A quote is closed and a query joined on.',
    signs: `'")`,
    pattern: /['")]\s{0,5}(?:union|intersect|except)[\s(]{1,5}(?:all|select|distinct)\b/y,
  },
  {
    id: 'select-list',
    reason: 'A query with its list of columns.',
    words: ['select'],
    pattern:
      /select[\s(]{1,20}(?![\s(])(?:\*\s{0,5}from\b|\*\s{0,5},|@@|null\s{0,3}(?:,|--|$)|(?:\d{1,6}\s{0,3},\s{0,3}){1,20}[\w@]|distinct\s|top\s{1,20}\d|case\s{1,20}when|[\w.]{1,40}\([\s\S]{0,120}?\bfrom\s|(?:[\w.]{1,40}\s{0,3},\s{0,3}){0,10}[\w.]{1,40}\s{1,5}from\s{1,5}[\w.`"]{1,40}\s{1,5}(?:where|limit|order by|group by|having|--)|.{0,60}\bfrom\s{1,5}(?:information_schema|pg_|sys|dual|mysql|users?\b|wordpress|`))/y,
  },
  {
    id: 'select-function',
    reason: 'A query that calls a function.',
    words: ['select'],
    pattern: new RegExp(
      String.raw`select[\s(*]{1,16}(?![\s(*])(?:if|case|iif|polygon|right|left|${[...databaseFunctions, ...sharedFunctions].join('|').replaceAll('.', String.raw`\.`)})\s{0,3}\(`,
      'y',
    ),
  },
  {
    id: 'select-start',
    reason: 'The text is a query.',
    start: true,
    pattern:
      /[\s\d('"`;,/)-]{0,12}(?:select(?:\s{1,20}(?:\*|(?:[\w.]{1,30}\s{0,3},\s{0,3}){0,10}[\w.]{1,30}\s{1,20}(?:group by\s|from\s{1,20}[\w.`"]{1,40}\s{0,3}(?:$|;|--|#|where\b|limit\b|order by|group by|union\b)))|\s{0,3}[\])]|\*?\/)|insert\s{1,20}into\s{1,20}\w|delete\s{1,20}from\s{1,20}\w{1,40}\s{0,20}(?:$|where)|update\s{1,20}\w{1,40}\s{1,20}set\s{1,20}\w{1,40}\s{0,20}=|(?:create|alter)\s{1,20}(?:table|database|schema|view|index|user|function|procedure|trigger)\s{1,20}[\w`"'.]|(?:drop|truncate)\s{1,20}(?:table|database|schema|view|user)\s{1,20}(?:if\s{1,20}exists\s|[`"'[]|\w{1,30}[_.]|\w{1,40}\s{0,3}(?:;|--|#))|exec(?:ute)?\s{1,20}(?:xp_|sp_|master|immediate|\(?@)|declare\s{0,20}@|having\s{1,20}(?:count|sum|min|max|avg|\d)|order\s{1,20}by\s{1,20}\d{1,10}\s{0,20}(?:--|#|$)|case\s{1,20}when\s.{1,60}\sthen\b|procedure\s{1,20}analyse|merge\s{1,20}into\s)/y,
    short: 400,
  },
  {
    id: 'stacked',
    reason: 'A second statement follows a semicolon.',
    signs: ';',
    pattern:
      /;[\s'"]{0,10}(?:drop\s{1,20}(?:table|database|schema|view|user|index|function|procedure)\b|truncate\s{0,20}(?:table\b|\[|\w{1,40}$)|insert\s{1,20}into\b|delete\s{1,20}from\b|update\s{1,20}[\w."`]{1,40}\s{1,20}set\b|alter\s{1,20}(?:table|user|database|role|login)\b|create\s{1,20}(?:table|user|function|procedure|or\s{1,20}replace|login|database|view|trigger)\b|exec(?:ute)?[\s(]{1,3}(?:xp_|sp_|master|immediate|['"(@])|declare\s{1,20}[@\w]|waitfor\b|shutdown\s{0,20}(?:--|;|$|with)|select\s{1,20}[\w*'"(@.]{1,40}(?:\s{0,20}$|\s{0,20}[(,]|\s{1,20}from\b)|set\s{1,20}@|grant\s{1,20}\w{1,20}\s{1,20}(?:on|to)\b|load\s{1,20}data\b|copy\s{1,20}\w{1,40}\s{1,20}(?:from|to)\b|call\s{1,20}\w{1,40}\(|begin\s{1,20}dbms|pragma\s|attach\s{1,20}database|vacuum\s{1,20}into)/y,
  },
  {
    id: 'stacked-break',
    reason: 'A quote is closed and a statement added.',
    signs: `'"`,
    pattern:
      /['"][\s)]{0,10};\s{0,10}(?:(?:select|insert|update|delete|drop|alter|create|truncate|exec|execute|declare|waitfor|begin|shutdown|grant|merge|set|call|if|while|copy|do)\b|--|#|$)/y,
    short: 200,
  },
  {
    id: 'comment',
    reason: 'What follows a closed quote is made a comment.',
    signs: `'"\`)`,
    pattern:
      /['"`)][\s)';]{0,10}(?:--[\s+-]{0,5}$|--\+|;--|#\s{0,5}$|\/\*\s{0,5}$|--\s{1,3}[-\d]|;%00)/y,
  },
  {
    id: 'comment-number',
    reason: 'What follows a number is made a comment.',
    start: true,
    pattern: /-?\d{1,12}[\s)]{0,5}(?:or\s.{1,60}|and\s.{1,60}|;|\))\s{0,5}(?:--|#|\/\*)/y,
    short: 200,
  },
  {
    id: 'delay',
    reason: 'The database is made to wait.',
    words: ['waitfor', 'sleep', 'pg_sleep', 'benchmark', 'dbms_lock', 'dbms_pipe'],
    pattern:
      /(?:waitfor\s{1,10}(?:delay|time)\s{0,10}['"(\d@]|(?:pg_)?sleep\s{0,3}\(\s{0,5}(?:[\d.(~-]|'|\w{1,20}\s{0,2}\()|benchmark\s{0,3}\(\s{0,3}\d|dbms_(?:lock\.sleep|pipe\.receive))/y,
  },
  {
    id: 'function-start',
    reason: 'The text is a call of a database function.',
    start: true,
    pattern: /[\s'"`(;,+|&=!-]{0,10}([a-z_][\w.]{1,40})\s{0,3}[\\=]?\(\s{0,3}(?!\)\s{0,3}\S)/y,
    among: new Set([...databaseFunctions, ...sharedFunctions]),
    short: 120,
  },
  {
    id: 'function-break',
    reason: 'A database function is called behind a closed quote or an operator.',
    signs: `'"|=,`,
    pattern:
      /(?:['"]\s{0,3}(?:\|\||[+,&|]|and\b|or\b|,|not\b){0,2}|\|\||[=,])[\s(]{0,5}(?:not\s{1,20}|select\s{1,20})?([a-z_][\w.]{1,40})\s{0,3}\((?!\))/y,
    among: new Set(databaseFunctions),
  },
  {
    id: 'function',
    reason: 'A function that only databases have is called.',
    words: databaseFunctions.filter(
      (name) =>
        !/^(?:sleep|benchmark|isnull|polygon|coalesce|sysdate|uncompress|find_in_set|translate|std|chr|nvl|ifnull|nullif)$|\./.test(
          name,
        ),
    ),
    pattern: /\w{1,60}\s{0,3}\(\s{0,3}[^\s)]/y,
    weight: 3,
  },
  {
    id: 'catalogue-start',
    reason: 'The text names the catalogue of a database.',
    start: true,
    pattern: /[\s'"`(]{0,5}(?:from\s{1,3}[`"'[]?)?([a-z_$.]{4,40})/y,
    among: new Set(catalogueNames),
    short: 80,
  },
  {
    id: 'catalogue',
    reason: 'The catalogue of a database is read.',
    words: wordsOf(
      'information_schema pg_catalog pg_shadow sqlite_master sysobjects msysaccessobjects xp_cmdshell xp_dirtree sp_executesql sysdatabases all_tables user_tables',
    ),
    pattern:
      /(?:information_schema[`"'\]]{0,1}\.[`"'[]?(?:\w|$)|\w{1,20}[\s'"`;(]{1,3}(?:where|limit|--|'|$)|(?:xp|sp)_\w{1,20}\s{0,3}['"(@]|\w{1,30}\s{0,3}$)/y,
    weight: 4,
  },
  {
    id: 'procedure',
    reason: 'A stored procedure of the system is run.',
    words: ['exec', 'execute', 'declare', 'procedure', 'into', 'load'],
    pattern:
      /(?:exec(?:ute)?[\s(]{1,5}(?:master\b|xp_|sp_|@|immediate\s|\(@)|declare\s{1,5}@\w|procedure\s{1,20}analyse\s{0,3}\(|into\s{1,20}(?:outfile|dumpfile)\s{0,3}['"]|load\s{1,20}data\s{1,20}(?:local\s{1,20})?infile)/y,
  },
  {
    id: 'case',
    reason: 'A branch inside of a query.',
    words: ['case', 'if', 'iif', 'like'],
    pattern:
      /(?:case\s{1,20}when\s{1,20}[\w=<>'"()+ ]{1,60}\sthen\s{1,20}[\w('"]|(?:if|iif)\s{0,3}\(\s{0,3}(?:\d{1,10}\s{0,3}[=<>]|(?:now|ascii|length|substr|user|database|mid|ord)\s{0,2}\()|like\s{0,2}\()/y,
    weight: 5,
    short: 400,
  },
  {
    id: 'cast',
    reason: 'A value is cast as databases do.',
    signs: `'")`,
    pattern:
      /['")]\s{0,3}::\s{0,3}(?:int|bigint|integer|numeric|text|bool|boolean|jsonb?|varchar|date|uuid|bytea|regclass|float|money)\b/y,
  },
  {
    id: 'json-operator',
    reason: 'An operator of JSON in SQL stands between quoted values.',
    signs: `'`,
    pattern:
      /'\s{0,5}(?:@>|<@|->>?|#>>?|\?[|&]?|@@|@\?|-\||#-|[<>=])\s{0,5}(?:'[$[{\w]|array\[|\d{1,3}\s{0,3}=)/y,
  },
  {
    id: 'version-comment',
    reason: 'A comment that one database runs.',
    signs: '/@',
    pattern:
      /\/\*!\d{5}|@@(?:version|datadir|hostname|basedir|global|servername|tmpdir|identity)\b|@\.?:=/y,
  },
  {
    id: 'exponent',
    reason: 'A number written so that filters read it otherwise than the database.',
    signs: '.',
    pattern: /(?<=\d)\.e[\s(,.)]|\.2250738585072\d{3}e-30[78]/y,
  },
  {
    id: 'glued',
    reason: 'Keywords of a query stand without anything between them.',
    start: true,
    pattern: /[^\s]{0,20}union(?:all)?select[^\s]{0,40}from/y,
    short: 200,
  },
  {
    id: 'stacked-short',
    reason: 'The text adds a statement behind a semicolon.',
    start: true,
    pattern:
      /[^;\n]{0,40};\s{0,3}(?:alter|create|delete|desc|drop|insert|load|rename|truncate|update)[\s([`"]{1,4}\w{2,30}(?:\s{0,3}$|\s{1,3}(?:from|into|set|table|to|values?)\b|\s{0,3}[;(-])/y,
    short: 80,
  },
  {
    id: 'number',
    reason: 'The text is a number just beyond what a column holds.',
    start: true,
    pattern: /(?:2147483648|-2147483649|4294967296|-?0000023456|0000012345|1e309)$/y,
    kinds: ['query', 'form', 'text'],
  },
  {
    id: 'clause',
    reason: 'A clause that only a query has.',
    words: ['match', 'merge', 'create', 'limit', 'group', 'order'],
    pattern:
      /(?:match\s{0,3}\([\w\s,.`+()]{1,60}\)\s{0,3}against\s{0,3}\(|merge\s.{0,60}\busing\s{0,3}\(|create\s{1,3}(?:procedure|function)\s{1,3}[\w.`]{1,40}\s{0,3}\(|limit\s{1,3}\d{1,10}\s{0,3},\s{0,3}\d{1,10}\s{0,3}(?:$|--|#|\))|group\s{1,3}by\s{1,3}[\w.,` ]{1,60}\bhaving\s{1,3}(?:count|sum|min|max|avg|\d)|order\s{1,3}by\s{1,3}\d{1,3}\s{0,3}(?:--|#))/y,
  },
  {
    id: 'unbalanced',
    reason: 'The text ends with a quote that closes nothing, and a semicolon.',
    start: true,
    pattern: /[^'"]{1,100}['"]\s{0,3};\s{0,3}$/y,
    short: 120,
  },
  {
    id: 'alter',
    reason: 'A statement that changes a table.',
    words: ['alter', 'create', 'drop', 'insert', 'delete', 'update', 'truncate'],
    pattern:
      /(?:alter\s{1,20}table\s{1,20}[`"'[\w.]{1,40}\s{1,20}(?:add|drop|change|modify|rename|alter)\s{1,20}[`"'[\w]|create\s{1,20}table\s{1,20}(?:if\s{1,20}not\s{1,20}exists\s{1,20})?[`"'[\w.]{1,40}\s{0,3}(?:\(|as\s{1,20}select|$|persons)|drop\s{1,20}(?:table|database)\s{1,20}(?:if\s{1,20}exists\s{1,20})?[`"'[\w.]{1,40}\s{0,3}(?:;|--|$)|insert\s{1,20}into\s{1,20}[`"'[\w.]{1,40}\s{0,3}(?:\([^)]{0,80}\)\s{0,3})?(?:values|select)\b|delete\s{1,20}from\s{1,20}[`"'[\w.]{1,40}\s{1,20}where\b|update\s{1,20}[`"'[\w.]{1,40}\s{1,20}set\s{1,20}[`"'[\w.]{1,40}\s{0,3}=)/y,
    weight: 4,
  },
  {
    id: 'regexp',
    reason: 'A closed quote is followed by an operator of patterns.',
    signs: '`',
    pattern: /`\s{0,3}(?:regexp|rlike|like|sounds\s{1,20}like)\s/y,
    short: 300,
  },
  {
    id: 'quoted-concatenation',
    reason: 'A closed quote is followed by an operator that glues texts, and a query.',
    signs: `'"`,
    pattern:
      /['"]\s{0,3}(?:\|\||\+|&)\s{0,3}(?:\(\s{0,3}select\b|\w{1,30}\([^)]{0,60}\)\s{0,3}(?:\|\||\+|&)\s{0,3}['"])/y,
  },
])

const operators =
  'eq|ne|gte?|lte?|n?in|not|n?or|and|exists|type|mod|regex|options|where|elemmatch|size|all|expr|text|jsonschema|function|accumulator|lookup|merge|out|unionwith|comment|rand|natural|near|geowithin|bitsallset|slice|meta'

/** Operators of document stores where a plain value belongs. */
export const nosqlRules = rulesOf('nosql', [
  {
    id: 'operator-name',
    reason: 'A name is an operator of a document store.',
    kinds: ['name'],
    signs: '$',
    pattern: new RegExp(String.raw`\$(?:${operators})(?![\w-])`, 'y'),
  },
  {
    id: 'operator',
    reason: 'An operator of a document store stands in brackets.',
    signs: '{["\'',
    pattern: new RegExp(String.raw`[{["']\s{0,3}["']?\s{0,3}\$(?:${operators})(?![\w-])`, 'y'),
    short: 80,
  },
  {
    id: 'script',
    reason: 'A script for the document store.',
    words: ['this', 'db'],
    signs: `'"`,
    pattern:
      /(?:this\.\w{1,30}\s{0,3}(?:==|!=|\.match)|db\.(?:\w{1,30}\.)?(?:find|insert|drop|remove|update|getcollection|eval|runcommand)\w{0,10}\(|['"]\s{0,3}(?:\|\||&&)\s{0,3}(?:this|['"]?\d['"]?\s{0,2}==|['"]\w{0,10}['"]\s{0,2}==))/y,
  },
])
