# fish completion of tetherd
complete -c tetherd -f
set -l verbs check status down restore prepare
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -a check -d "show what tetherd would do"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -a status -d "show the state of the running tetherd"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -a down -d "remove the gadget"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -a restore -d "bring back the stock gadget"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -a prepare -d "load and unload modules before the start"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -l version -d "print the version"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -s h -l help -d "print a summary of the verbs"
complete -c tetherd -n "__fish_seen_subcommand_from check" -F
complete -c tetherd -n "__fish_seen_subcommand_from status" -l json -d "print JSON"
