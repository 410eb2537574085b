# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: CC0-1.0
#
# Completion of mycelium-socksctl for fish.

set --local commands check connect disconnect env list monitor name probe run status

function __mycelium_socksctl_needs_command --inherit-variable commands
    not __fish_seen_subcommand_from $commands
end

# Whether the first argument of that command is under the cursor.
function __mycelium_socksctl_needs_argument
    set --local words (commandline --cut-at-cursor --tokenize --current-process)
    test (count $words) -ge 2; and test $words[-1] = $argv[1]
end

function __mycelium_socksctl_addresses
    mycelium-socksctl --timeout 2 list --addresses $argv 2>/dev/null
end

function __mycelium_socksctl_names
    mycelium-socksctl name --names 2>/dev/null
end

complete --command mycelium-socksctl --no-files
complete --command mycelium-socksctl --condition __mycelium_socksctl_needs_command \
    --arguments "$commands"
complete --command mycelium-socksctl --long-option json --short-option j
complete --command mycelium-socksctl --long-option timeout --short-option t --exclusive
complete --command mycelium-socksctl --long-option help --short-option h
complete --command mycelium-socksctl --condition __mycelium_socksctl_needs_command \
    --long-option version
complete --command mycelium-socksctl --condition '__mycelium_socksctl_needs_argument connect' \
    --arguments '(__mycelium_socksctl_names; __mycelium_socksctl_addresses)'
complete --command mycelium-socksctl --condition '__mycelium_socksctl_needs_argument check' \
    --arguments '(__mycelium_socksctl_names; __mycelium_socksctl_addresses --all)'
complete --command mycelium-socksctl --condition '__mycelium_socksctl_needs_argument name' \
    --arguments '(__mycelium_socksctl_names; __mycelium_socksctl_addresses --all)'
complete --command mycelium-socksctl --condition '__mycelium_socksctl_needs_argument probe' \
    --arguments 'now start stop'
complete --command mycelium-socksctl --condition '__mycelium_socksctl_needs_argument env' \
    --arguments 'sh fish'
complete --command mycelium-socksctl --condition '__fish_seen_subcommand_from run' \
    --arguments '(__fish_complete_subcommand --fcs-skip=2)'
complete --command mycelium-socksctl --condition '__fish_seen_subcommand_from connect' \
    --long-option wait --short-option w
complete --command mycelium-socksctl --condition '__fish_seen_subcommand_from name' \
    --long-option remove --short-option r
complete --command mycelium-socksctl --condition '__fish_seen_subcommand_from name' \
    --long-option names
complete --command mycelium-socksctl --condition '__fish_seen_subcommand_from list' \
    --long-option all --short-option a
complete --command mycelium-socksctl --condition '__fish_seen_subcommand_from list' \
    --long-option addresses
complete --command mycelium-socksctl --condition '__fish_seen_subcommand_from list' \
    --long-option wide --short-option w
complete --command mycelium-socksctl --condition '__fish_seen_subcommand_from list' \
    --long-option sort --short-option s --exclusive --arguments 'address latency seen status'
