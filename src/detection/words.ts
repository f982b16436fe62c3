/** Words of a table that is written as text, for the eye. */
export function wordsOf(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

function setOf(...texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap(wordsOf))
}

const rareCommands = `
  addgroup adduser agetty ansible ansible-doc ansible-galaxy ansible-playbook ansible-pull apt-get apt-cache
  aptitude arj arping ash aspell awk aws base32 base64 basenc bash bpftrace bsdcat bsdtar bsdiff bundler
  bunzip2 busctl busybox byebug bzcat bzcmp bzdiff bzegrep bzexe bzfgrep bzgrep bzip2 bzless bzmore c89 c99
  certbot cgi-fcgi chattr chdir check_by_ssh check_cups chef-client chef-shell chef-solo chflags chgrp chmod
  chown chpasswd chroot chrt chsh clisp cmp cobc cpanm cpio cpulimit crontab crtctl cscli csh csplit csvtool
  curl dash datamash dcfldd dd debugfs depmod dhclient dialog diff3 dig dmesg dmidecode dmsetup dnf docker
  doas dosbox dpkg dstat dvips dvitex easy_install easyrsa egrep emacs esh ethtool evince execline facter
  fdisk ffmpeg fgrep filetest findmnt flock fmt fping ftpstats ftpwho gawk gcc gcore gdb genie genisoimage
  getent getfacl ghci gimp ginsh gnuplot grc groupadd groupdel groupmod gtester gunzip gzcat gzip hexdump
  hping3 htdigest htop htpasswd hwinfo iconv ifconfig iftop insmod ionice ipconfig iptables irb ispell jexec
  jjs jobs journalctl jrunscript jshell kubectl ksh ksshell last lastcomm lastlog lastlogin latexmk ldconfig
  ldd ldapsearch lftp lftpget linux32 linux64 ln locate loginctl logname logsave lpr ls lsattr lsb_release
  lscpu lshw lsmod lsof lspci lsusb ltrace lua lualatex luatex lwp-download lwp-mirror lwp-request lxc lxd
  lynx lz4 lz4c lz4cat lzcat lzcmp lzdiff lzegrep lzfgrep lzgrep lzless lzma lzmadec lzmore mawk mkdir mkfifo
  mknod mktemp modprobe mosquitto mtr msgattrib msgcat msgconv msgfilter msgmerge msguniq mutt mv mysql
  mysqladmin mysqldump mysqldumpslow mysqlhotcopy mysqlshow nasm nawk nc ncat ncdu neofetch netcat netkit-ftp
  netplan netstat nft nmap nohup nping nroff nsenter nslookup nstat octave openssl openvpn openvt opkg pdb
  pdflatex pdftex pdksh perf perl perl5 perlsh pexec pftp pgrep php php5 php7 pidstat pip pip3 pkexec pkginfo
  pkill popd posix psed psftp psql ptx puppet pushd pwd python python2 python3 qemu qpdf rbash rcp readelf
  rename restic rlogin rlwrap rm rmdir rmuser rmt rmt-dump rmt-tar rpm rpmdb rpmquery rpmverify rsh rsync rtorrent
  ruby rubygem runscript rvim rview sash scp scrot sed sendmail setarch setenv setfacl setfattr setsid sftp
  sh sha1sum sha256sum shuf shlock socat sqlite3 ss ssh sshpass ssh-keygen ssh-keyscan stdbuf strace su sudo
  svn sysctl systemctl systemd-resolve tac tailf task taskset tbl tclsh tcpdump tcping tcptraceroute tcsh
  tdbtool telnet tftp tmux tmate tracepath traceroute troff tshark ul uname uncompress unexpand uniq unlz4
  unlzma unpigz unrar unset unshare unxz unzip unzstd useradd userdel usermod uudecode uuencode valgrind vigr
  vipw view vim vimdiff virsh visudo vi w3m watchgnupg wget whiptail whoami whois wireshark xargs xdotool
  xelatex xetex xmodmap xmore xpad xterm xxd xz xzcat xzcmp xzdec xzdiff xzegrep xzfgrep xzgrep xzless xzmore
  yarn yum zathura zcat zcmp zdiff zegrep zfgrep zgrep zip zipcloak zipcmp zipdetails zipgrep zipinfo zless
  zmore zsh zsoelim zstd zstdcat zstdgrep zstdless zstdmt zypper printenv ifdown ifup hostid hostnamectl
  timedatectl apachectl nginx mongod mongosh redis-cli pg_dump sqlmap cpan gem npm npx node pnpm lastb arp
  route rundll32 regedit regsvr32 certutil bitsadmin mshta wmic powershell pwsh cmd cscript wscript schtasks
  tasklist taskkill netsh icacls cacls takeown vssadmin bcdedit bcdboot robocopy xcopy diskpart diskshadow
  msiexec installutil regasm regsvcs msbuild odbcconf esentutl forfiles gpresult nltest ntdsutil quser
  systeminfo tracert nbtstat reg.exe cmd.exe dsquery dsget csvde ldifde wevtutil wusa cmstp extrac32 findstr
  hh.exe makecab pcalua presentationhost syncappvpublishingserver ftp.exe net.exe iwr iex irm gwmi gci spps
  saps sasv icm ipmo ipal epal gjb rjb rvpa sajb gdr gmo groupdel strings.exe winrm winrs psexec psinfo
`
const windowsCommands = `
  attrib auditpol certreq cmdkey csc desktopimgdownldr dfsvc dnscmd eventvwr extexport gpscript ie4uinit ieexec
  ilasm infdefaultinstall jsc mavinject mftrace mmc msconfig msdt pcwrun pktmon pnputil printbrm psr rasautou
  rdrleakdiag regini rpcping runonce runscripthelper scriptrunner settingsynchost stordiag ttdinject tttracer
  unregmp2 vbc verclsid wab wlrmdr wsl wsreset wuauclt xwizard accesschk adplus appvlp bginfo cdb coregen
  createdump dnx dotnet dxcap fsi msxsl procdump rcsi sqldumper sqlps vsjitdebugger wfc chkdsk defrag diskcomp
  diskcopy doskey driverquery fsutil ftype getmac gpupdate logoff mklink openfiles pathping perfmon qprocess
  qwinsta rwinsta setx sfc subst tsdiscon typeperf w32tm winsat clip comp mshta.exe eventcreate manage-bde
`
const plainCommands = `
  alias apt at atq atrm batch bc bg bridge break builtin cal cancel cat cc cd certutil chage check choice chmod choom cksum
  clang clear cls column comm command compress composer copy cowsay cowthink cp crash cut date declare del
  dir disable diff do done dump echo ed env eqn eval ex exec expand expect exit export fc fg file find finger
  fish fold for foreach free ftp function gem git go grep group groups halt hash head help hg highlight
  history host hostname id if info init install ip jar java join journal kill killall less let lex ligolo
  link local lock login look lp lwp mail mailq mailx make man md mesg mlocate mkfs more mount move msg nano
  net nice nl node od paste patch pax ping php pic pico pidof pinfo pkg poweroff pr printf pry ps pv query
  quota rake read readlink reboot red reg ren replace reset restart rev run runas sc screen script service
  set shift shutdown size sleep slsh snap sort source split stat start strings sysinfo tail tar tasksh tee
  test then time timeout top touch tree true type ulimit umask unlink up update uptime users vlc vol wait
  wall watch wc where whereis which while who write xcopy yes zed zone gcc10 gcc10.1 mtrr
`

/** Names of programs and shell commands that are no words of English. */
export const rareCommandNames = setOf(rareCommands, windowsCommands)
/** Those, and the ones that people write in sentences too. */
export const commandNames = setOf(rareCommands, windowsCommands, plainCommands)
/** Those that are an attack without any argument, because nobody searches for them or is called so. */
export const lonelyCommandNames = new Set([
  ...wordsOf(
    'whoami ifconfig ipconfig printenv netstat systeminfo tasklist lsmod lscpu lsusb lspci lsof hostnamectl dmesg lastlog iptables nslookup traceroute tracert useradd userdel passwd phpinfo env.exe cmd.exe powershell.exe',
  ),
  ...wordsOf(rareCommands).filter((name) => name.includes('-')),
])
/** Commands that run the command behind them. */
export const runnerNames = setOf(
  'strace time timeout nohup env xargs nice ionice sudo doas setsid watch exec busybox ltrace flock eval command stdbuf taskset chrt unshare sh bash',
)

/** Functions whose name alone says that a database is asked. */
export const databaseFunctions = wordsOf(`
  benchmark pg_sleep sleep extractvalue updatexml load_file xmltype name_const make_set concat_ws group_concat
  db_name unhex sqlite_compileoption_get sqlite_compileoption_used sqlite_source_id jsonb_pretty unistr lo_get
  lo_import lo_export lo_from_bytea pg_read_file pg_ls_dir pg_read_binary_file query_to_xml database_to_xml
  table_to_xml xmlagg string_agg array_agg is_srvrolemember session_user system_user sysdate json_extract
  jsonb_extract_path json_each json_keys json_valid json_search openrowset opendatasource openquery fn_sqlvarbasetostr
  xp_cmdshell xp_dirtree xp_regread sp_executesql dbms_pipe.receive_message utl_http.request utl_inaddr.get_host_address
  gtid_subset row_count last_insert_id connection_id from_base64 to_base64 ifnull nvl isnull coalesce nullif
  current_user current_database current_schema found_rows load_extension randomblob zeroblob substring_index
  bit_and bit_or bit_xor std stddev_pop stddev_samp var_pop var_samp sha1 sha2 aes_decrypt aes_encrypt
  des_decrypt des_encrypt uncompress find_in_set export_set period_diff to_days from_days str_to_date st_astext
  geometrycollection multipoint multipolygon multilinestring linestring polygon procedure_analyse to_char to_number
  chr nchar quotename patindex charindex datalength has_dbaccess host_name is_member suser_name suser_sname
  user_name object_id object_name col_name bin_to_uuid uuid_to_bin get_lock release_lock is_free_lock master_pos_wait
  pg_client_encoding pg_user inet_server_addr inet_client_addr current_setting set_config txid_current ts_rewrite
`)

/** Functions of databases that other languages have too. */
export const sharedFunctions = wordsOf(`
  abs acos ascii asin atan atan2 avg bin cast ceil ceiling char char_length concat conv convert cos cot count
  crc32 curdate curtime database date_add date_format date_sub dateadd datediff datepart datename day decode degrees elt encode exp field
  floor format greatest hex hour if iif in insert instr least left length ln locate log log10 log2 lower lpad
  ltrim max md5 mid min minute mod month now oct ord password pi position pow power quarter quote radians rand
  random repeat replace reverse right round rpad rtrim schema second sign sin soundex space sqrt substr
  substring sum tan time to_date trim truncate ucase upper user utc_date version week weekday year xor
  div likely unlikely last_value first_value lag lead glob printf total typeof unicode changes hypot trunc
  overlay regexp_replace regexp_match regexp_substr strcmp translate initcap lcase nth_value ntile percent_rank rank
`)

/** Names that only a database's own catalogue has. */
export const catalogueNames = wordsOf(`
  information_schema pg_catalog pg_class pg_shadow pg_user pg_tables sqlite_master sqlite_schema sqlite_temp_master
  sysobjects syscolumns sysusers sysdatabases sysprocesses sys.tables sys.objects sys.databases sys.user_tables
  msysaces msysobjects msysqueries msysrelationships msysmodules msysaccessobjects msysaccessxml msysaccessstorage
  tempdb northwind schema_name table_name column_name mysql.db mysql.user mysql.innodb_table_stats all_tables
  all_users user_tables user_tab_columns user_objects user_users dba_users dba_tables dbo.sysobjects
  master..sysdatabases v$version v$session db_name xp_cmdshell xp_dirtree xp_regread xp_servicecontrol sp_password
  sp_executesql sp_makewebtask sp_oacreate table_schema column_id xtype textpos rownum attnotnull atttypid attrelid
  performance_schema dual.x sp_help sp_msforeachtable sp_msforeachdb rdb$relation_fields rdb$relations
`)
