# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: CC0-1.0
#
# Completion of mycelium-socksctl for bash; needs nothing but bash.

# Words as the program gets them: for bash a colon ends one, but addresses have seven.
_mycelium_socksctl ()
{
  local line=${COMP_LINE:0:COMP_POINT}
  local current=${line##*[[:space:]]} command='' word candidates=() i
  local -a words
  read -ra words <<<"${line%"$current"}"

  for ((i = 1; i < ${#words[@]}; i++)); do
    word=${words[i]}
    case $word in
      -t | --timeout | -s | --sort) ((i++)) ;;
      -*) ;;
      *) command=$word; break ;;
    esac
  done
  word=''
  [ "${#words[@]}" = 0 ] || word=${words[${#words[@]} - 1]}

  # Quoted or not is the same to us.
  current=${current//\\/}
  case $word in
    -s | --sort) candidates=(address latency seen status) ;;
    -t | --timeout) return ;;
    *)
      case $command in
        '') candidates=(check connect disconnect env list monitor probe run status --json
              --timeout --version --help) ;;
        run)
          # From here on it is another command's line.
          ((i + 1 < ${#words[@]})) && { COMPREPLY=($(compgen -f -- "$current")); return; }
          COMPREPLY=($(compgen -c -- "$current"))
          return ;;
        check | connect)
          candidates=(--json --timeout --help)
          [ "$command" = check ] || candidates+=(--wait)
          if ((i + 1 == ${#words[@]})) && [[ $current != -* ]]; then
            mapfile -t candidates < <(_mycelium_socksctl_addresses "$command")
            _mycelium_socksctl_unwrap
          fi ;;
        env) candidates=(sh fish --json --help) ;;
        list) candidates=(--all --addresses --sort --wide --json --timeout --help) ;;
        probe) candidates=(now start stop --json --timeout --help) ;;
        *) candidates=(--json --timeout --help) ;;
      esac ;;
  esac

  # What stands before the last colon is on the line already, and bash keeps it.
  local kept=${line##*[[:space:]]}
  [[ $COMP_WORDBREAKS == *:* && $kept == *:* ]] && kept=${kept%"${kept##*:}"} || kept=''
  kept=${kept//\\/}
  COMPREPLY=()
  for word in "${candidates[@]}"; do
    [[ $word == "$current"* ]] && COMPREPLY+=("${word#"$kept"}")
  done
  # Brackets are a pattern to bash; in a list they shall look as they are.
  [ "${#COMPREPLY[@]}" != 1 ] || COMPREPLY=("$(printf %q "${COMPREPLY[0]}")")
}

# Who leaves the bracket out shall find it put in. Behind a colon it is too late for that;
# but an address without brackets is one too, with the usual port.
_mycelium_socksctl_unwrap ()
{
  local address bare=()
  [[ $current != '' && $current != \[* ]] || return 0
  if [[ $current != *:* ]]; then
    current=[$current
    return
  fi
  for address in "${candidates[@]}"; do
    [[ $address != \[*]:1080 ]] || { address=${address#\[}; bare+=("${address%]:1080}"); }
  done
  candidates=("${bare[@]}")
}

_mycelium_socksctl_addresses ()
{
  local options=(--addresses)
  [ "$1" = connect ] || options+=(--all)
  mycelium-socksctl --timeout 2 list "${options[@]}" 2>/dev/null
}

complete -F _mycelium_socksctl mycelium-socksctl
