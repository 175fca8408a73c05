
# Asks the program that is being typed for words that it alone knows.
_assay_asked()
{
    local -a asked
    asked=("${(@f)$(${(Q)_assay_program} completion --words "$@" 2>/dev/null </dev/null)}")
    asked=(${asked:#})
    (( $#asked )) && compadd -a "$expl[@]" asked
}

_assay_runs()
{
    _assay_asked runs
    _path_files -/
}

# Tests of the run that stands before.
_assay_tests()
{
    [[ -n $line[1] ]] && _assay_asked tests "${(Q)line[1]}"
}

# The values of an option, some of which go on: http://, gamma:
_assay_words()
{
    local -a whole begun
    whole=(${@:#*[:/]})
    begun=(${(M)@:#*[:/]})
    (( $#whole )) && compadd -a whole
    (( $#begun )) && compadd -S '' -a begun
}

_assay()
{
    local context state state_descr expl _assay_program=$words[1]
    local -a line
    typeset -A opt_args
    _arguments -C '(- *)'{-h,--help}'[show the verbs]' '(- *)--version[show the version]' '1:verb:_assay_verbs' \
        '*::argument:->arguments' && return
    [[ $state == arguments ]] || return 1
    local verb=$words[1]
    [[ $verb == help ]] && { (( CURRENT == 2 )) && _assay_verbs; return; }
    local dashes=${words[(i)--]}
    if (( dashes < CURRENT )); then # monitor -- COMMAND
        shift $dashes words
        (( CURRENT -= dashes ))
        _normal
        return
    fi
    (( $+functions[_assay_verb_$verb] )) && _assay_verb_$verb
}

if [[ $funcstack[1] == _assay ]]; then
    _assay "$@"
else
    compdef _assay assay
fi
