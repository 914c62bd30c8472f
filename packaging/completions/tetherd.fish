# fish completion of tetherd
complete -c tetherd -f
set -l verbs check status down restore
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -a check -d "show what would be done"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -a status -d "show what is so"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -a down -d "remove the gadget"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -a restore -d "put back the one that was there"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -l version -d "say which one it is"
complete -c tetherd -n "not __fish_seen_subcommand_from $verbs" -l help -d "what it does"
complete -c tetherd -n "__fish_seen_subcommand_from status" -l json -d "for machines"
