import { rulesOf } from './rule.ts'
import { wordsOf } from './words.ts'

const systemFiles = String.raw`(?:etc/[a-z_.]|proc/(?:self|\d|version|cpuinfo|cmdline|net|mounts|interrupts|sys|meminfo|uptime|stat|filesystems|modules|kcore|devices|swaps|loadavg|partitions|sched_debug|diskstats|ioports|kallsyms|key|lock|misc|slab|tty|vm|zone)|sys/(?:class|kernel|firmware|devices|hypervisor|block|bus|fs|module|power|dev)|var/(?:log|run/secrets|lib/mysql|www|mail|spool|lib/docker|lib/kubelet|db)|root/\.|home/[\w.-]{1,30}/\.|dev/(?:tcp|udp)|usr/local/(?:etc|apache|nginx|app)|windows/(?:system32|win\.ini|system\.ini|repair|php\.ini|debug)|winnt/|boot\.ini|autoexec\.bat|web\.config|web-inf/|meta-inf/)`

/** Files that servers keep beside what they serve. */
const namesOfFiles = String.raw`(?:wp-config|config\.(?:yml|yaml|json\.bak|php|inc|ini|xml)|id_(?:rsa|dsa|ecdsa|ed25519)|authorized_keys|known_hosts|\.(?:ssh|aws|azure|docker|kube|git|svn|hg|bzr|env|htaccess|htpasswd|htdigest|bash_history|bashrc|bash_profile|profile|zsh_history|zshrc|mysql_history|psql_history|sh_history|npmrc|pypirc|netrc|pgpass|my\.cnf|gnupg|viminfo|vimrc|ds_store|vscode|idea|cvsignore|gitignore|gitconfig|dockerignore|kshrc|lesshst|history|subversion|rediscli_history|node_repl_history|python_history|wget-hsts|boto|s3cfg|travis|circleci|terraform|vagrant|cargo|composer|gem|config|cache|local|gconf|mozilla|wgetrc|xauthority|xinitrc|login|cshrc|tcshrc|inputrc|selected_editor|sudo_as_admin_successful)(?![\w@])|(?:backup|dump|database|db|site|www|data|users|mysql|export|localhost)(?:[-_.]\w{1,20})?\.(?:sql|bak|tar|tgz|7z|rar|zip|gz|old)\b|composer\.(?:json|lock)|package(?:-lock)?\.json|yarn\.lock|web\.config|php(?:info)?\.(?:ini|php)|npm-debug\.log|sftp-config\.json|appsettings(?:\.\w{1,15})?\.json|auth\.json|winscp\.ini|ws_ftp\.ini|sitemanager\.xml|thumbs\.db|phpunit\.xml|web\.xml|server\.xml|tomcat-users\.xml|my\.(?:cnf|ini)|httpd\.conf|nginx\.conf|localsettings\.php|settings\.(?:py|php)|database\.yml|secrets\.(?:yml|json)|credentials\.(?:yml|json|xml)|docker-compose\.ya?ml|dockerfile|gruntfile\.js|gulpfile\.js|makefile|vagrantfile|error[._-]?log|access[._-]?log|debug\.log|\w{1,30}\.(?:sql|bak|swp|old|orig|inc|mdb|pem|key|pfx|p12|kdbx|jks|keystore)(?:\.\w{1,4})?$)`

/** Ways out of the folder that a program means, and files that nobody asks for in good faith. */
export const traversalRules = rulesOf('traversal', [
  {
    id: 'dots',
    reason: 'A path climbs out of its folder.',
    signs: '.',
    pattern:
      /(?<![(\x60\s])\.{2,3}(?:[/\\]|[;:]\.?[;./\\]|0x2f|0x5c|;[./\\])(?!\.\.\s)(?:\.{0,3}[/\\]|[\w.\s%;[*?\\]|$)/y,
    short: 200,
  },
  {
    id: 'dots-twice',
    reason: 'A path climbs out of more than one folder.',
    signs: '.',
    pattern: /(?<![(`])\.{2,3}[/\\]{1,2}\.{2,3}[/\\]/y,
    short: 400,
  },
  {
    id: 'dots-hex',
    reason: 'A path climbs out of its folder, written so that filters miss it.',
    signs: '%./\\',
    words: ['0x2e', '0x2f', '0x5c', '0x5c0x2e', '0x2e0x2e', '0x2f0x2e'],
    pattern:
      /(?:0x5c|0x2f|[/\\])?0x2e(?:0x2e|\.)|(?:0x5c|0x2f)0x2e|\.(?:0x2e|%2e)[/\\]|\.%00[./\\]/y,
  },
  {
    id: 'system-file',
    reason: 'A file of the operating system.',
    signs: '/\\',
    pattern: new RegExp(
      String.raw`[/\\](?:\.?[/\\])?${systemFiles.replaceAll('/', String.raw`[/\\]{1,2}`)}`,
      'y',
    ),
    weight: 3,
  },
  {
    id: 'system-file-start',
    reason: 'The text is the path of a file of the operating system, or holds it in a short text.',
    start: true,
    pattern: new RegExp(
      String.raw`.{0,60}?(?<![\w.])(?:[a-z]:)?[/\\]{0,2}${systemFiles.replaceAll('/', String.raw`[/\\]{1,2}`)}`,
      'y',
    ),
    short: 100,
    kinds: ['path', 'query', 'cookie', 'form', 'text', 'name'],
  },
  {
    id: 'private-file',
    reason: 'A file that holds settings or secrets.',
    start: true,
    pattern: new RegExp(String.raw`[^\s]{0,80}?(?<![\w.-])${namesOfFiles}`, 'y'),
    short: 120,
    kinds: ['query', 'cookie', 'form', 'text', 'path'],
  },
  {
    id: 'file-name',
    reason: 'A header names a file that holds settings or secrets.',
    start: true,
    pattern: new RegExp(
      String.raw`[^\s]{0,60}?(?<![\w.-])(?:${namesOfFiles}|wp-config|\\.[a-z])`,
      'y',
    ),
    short: 80,
    kinds: ['header'],
  },
  {
    id: 'hidden-file',
    reason: 'A hidden file or folder is asked for.',
    signs: '/',
    pattern: /\/\.(?!well-known(?:\/|$)|\.?(?:\/|$))[a-z_][\w.-]{1,60}/y,
    kinds: ['path'],
  },
  {
    id: 'source-file',
    reason: 'A file of the program or its logs is asked for.',
    signs: '/',
    pattern:
      /\/(?:@fs\/|@id\/|@vite\/|__x00__|[\w.-]{0,40}\.(?:log|sql|bak|swp|old|orig|ini|conf|cfg|env|pem|mdb|sqlite3?|yml|yaml)(?:$|[.~/])|wp-config|wp-content\/.{1,60}\.(?:log|php)|composer\.(?:json|lock)|package(?:-lock)?\.json|web\.config|docker-compose|dockerfile|makefile|phpinfo|server-status|proc\/|etc\/passwd|(?:claude|agents|gemini)\.md|mcp\.json|copilot-instructions|nbproject\/|npm-debug|sftp-config|web\.xml|pom\.xml|build\.gradle|bower\.json|tsconfig\.json|thumbs\.db|appsettings|auth\.json|winscp|ws_ftp|sitemanager\.xml|phpunit\.xml|id_rsa|desktop\.ini|cgi-bin\/|wp-admin\/install|node_modules\/\.|vendor\/phpunit)/y,
    kinds: ['path'],
  },
  {
    id: 'nul',
    reason: 'A NUL character ends the text early for some programs.',
    signs: '\u0000',
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what the rule looks for
    pattern: /\u0000/y,
    weight: 4,
  },
  {
    id: 'file-scheme',
    reason: 'An address of a local file or a wrapper of files.',
    words: wordsOf(
      'file php phar zip glob expect ogg rar ssh2 compress netdoc jar gopher dict ldap ldaps tftp',
    ),
    pattern:
      /(?:file:\/{2,3}(?:etc|[a-z]:|proc|var|home|root|\/)|php:\/\/(?:filter|input|output|memory|temp|fd|stdin)|(?:phar|glob|expect|ogg|rar|compress\.\w{1,6}|netdoc|gopher|dict|ldaps?|tftp):\/\/|zip:\/\/|ssh2\.\w{1,8}:\/\/|jar:(?:https?|file):)/y,
    short: 300,
  },
])

/** Addresses that lead a server to itself or to its surroundings. */
export const fetchRules = rulesOf('fetch', [
  {
    id: 'metadata',
    reason: 'The address of the metadata of a cloud.',
    words: ['169', 'http', 'https'],
    pattern:
      /https?:\/{2}(?:[^\s/@]{0,40}@)?(?:169\.254\.\d|127\.0\.0\.1:(?:2375|2379|10250)|kubernetes\.default|rancher-metadata|192\.0\.0\.192|100\.100\.100\.200|metadata\.|instance-data|\[?fd00:ec2|0xa9fea9fe|2852039166|0251\.0376|169\.254)/y,
    json: 5,
  },
  {
    id: 'loopback',
    reason: 'An address of the server itself.',
    start: true,
    pattern:
      /(?:[a-z]{2,10}:\/\/)?(?:[^\s/@]{0,40}@)?(?:localhost\d?(?:\.localdomain\d?)?|ip6-(?:localhost|loopback)|(?:gateway|host)\.(?:docker|containers)\.internal|(?:kubernetes\.)?docker\.internal|lvh\.me|localtest\.me|(?:[\w.-]{1,40}\.)?(?:nip|sslip|xip)\.io|vcap\.me|lacolhost\.com|yoogle\.com|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|0\.0\.0\.0|\[(?:::1?|0:0:0:0:0:0:0:1|::ffff:7f00:1|::ffff:127\.\d[\d.]{0,12})\]|0x7f\w{1,8}|2130706433|017700000001)(?::\d{1,5})?\//y,
    kinds: ['query', 'form', 'cookie', 'text'],
    short: 300,
    sparesOwn: true,
  },
  {
    id: 'data-name',
    reason: 'A name that is an address.',
    kinds: ['name'],
    start: true,
    pattern: /(?:data:\w{1,20}\/|(?:https?|file|php|gopher|dict):\/\/)/y,
  },
])
