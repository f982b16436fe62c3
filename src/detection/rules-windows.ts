import { rulesOf } from './rule.ts'
import { wordsOf } from './words.ts'

/** Commands for the shells of Windows. */
export const windowsRules = rulesOf('command', [
  {
    id: 'windows-for',
    reason: 'A loop of the Windows shell.',
    words: ['for'],
    pattern:
      /for\s{1,12}(?:\/[dflr]\s{1,12})?(?:\/r\s{1,4})?(?:"[^"]{0,60}"\s{1,8}|[a-z]:\\\S{0,40}\s{1,8}|[^\s%]{1,40}\s{1,8})?%{1,2}\S{1,10}\s{1,5}in\s{1,8}\(/y,
  },
  {
    id: 'windows-if',
    reason: 'A condition of the Windows shell.',
    words: ['if'],
    pattern:
      /(?<=(?:^|[&|;(\n]|else|do)\s{0,5})if(?:\s{0,12}\/i)?\s{1,12}(?:not\s{1,10})?(?:(?:exist|defined|errorlevel|cmdextversion)\s{1,12}["'%\w\\]|\(?["'[(%!\w][^\s=]{0,30}(?:\s\w{1,10}["')]{1,2})?\s{0,12}(?:==(?!=)|(?<=\s)(?:equ|neq|lss|leq|gtr|geq)\s))/y,
    short: 300,
  },
  {
    id: 'windows-path',
    reason: 'A program of Windows is run by its path or variable.',
    words: ['cmd', 'system32', 'comspec', 'systemroot', 'windir', 'powershell'],
    pattern:
      /(?:cmd\.exe|comspec%|systemroot%|windir%|system32\\(?:cmd|\w{1,20}\.exe)|powershell\.exe)/y,
    weight: 4,
  },
  {
    id: 'powershell',
    reason: 'A command of PowerShell.',
    words: wordsOf(
      'invoke get set new start stop remove add import export out write copy move convertto convertfrom test resolve select where foreach format enter exit clear register unregister enable disable measure read receive send suspend resume restart push pop rename save update wait trace',
    ),
    pattern:
      /(?:invoke-(?:webrequest|expression|restmethod|command|item|wmimethod|history|cimmethod|asynccommand)|(?:get|set|new|remove|add|clear|copy|move|rename|export|import|start|stop|out|write|read|test|resolve|convertto|convertfrom|enter|exit|register|unregister|enable|disable|measure|receive|restart|resume|suspend|wait|push|pop|update|save|select|where|foreach|format|trace|send)-(?:item\w{0,10}|content|process|childitem|location|object|wmiobject|wmievent|ciminstance|eventlog|service|pssession\w{0,12}|psdrive|psbreakpoint|pssnapin|psprovider|acl|aduser|adgroup|adcomputer|netfirewallrule|scheduledtask\w{0,8}|executionpolicy|alias|variable|module|job|history|host|clipboard|date|credential|authenticodesignature|hotfix|computer\w{0,8}|localuser|localgroup\w{0,8}|path|string|json|csv|clixml|html|xml|securestring|webservice\w{0,6}|webserviceproxy|type\w{0,4}|debug|verbose|warning|error|output|progress|file|printer|null|gridview|table|list|wide|custom|member|random|unique|event\w{0,12}|transaction|mailmessage|connection|command|expression|traceSource|culture|uiculture|help|formatdata))(?![\w-])\s{0,3}(?:$|[-"'`$({[|;&#@]|https?:|[\w.\\/:*]{1,60}(?:\s{0,3}$|\s{1,3}[-|]))/y,
    short: 200,
  },
])
