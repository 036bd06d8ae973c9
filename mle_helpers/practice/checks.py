"""Answer the reader's own code: right, a mistake that is known, wrong where, or not to be compared; never a traceback.

What is known of an exercise stands in ``book/practice/<page>.py``, in ``CHECKS = {"name": Exercise(...)}``. The
reader's function is run beside the reference on a few fixed inputs, which read well in an answer, and on random ones.
"""

import inspect
import io
import signal
import sysconfig
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

import numpy as np

from mle_helpers.practice.questions import HERE, PRACTICE

SEED, DRAWS, SECONDS = 1922, 20, 5.0
CLOSE = 1e-3  # as near as digits copied from a print-out
HEADS = {
    "right": "Right.",
    "mistake": "Not yet.",
    "wrong": "Not yet.",
    "later": "Not attempted yet.",
    "raised": "It stopped.",
    "slow": "It took too long.",
    "odd": "That cannot be compared.",
    "unknown": "There is no such check.",
}
NOT_THE_READERS = (  # where a line of code stands that no reader wrote
    *(sysconfig.get_paths()[key] for key in ("stdlib", "purelib", "platlib")),
    *(str(HERE.parent), str(PRACTICE), "<frozen", "<__array"),
)


# --- what is known of an exercise, and what is said --------------------------------------------------------


@dataclass(frozen=True)
class Exercise:
    """What ``check`` knows of one question.

    With ``inputs``, tuples of arguments, ``reference`` and what is wrong are functions, and ``draw(rng)`` makes more
    inputs. Without, they are numbers, or functions of nothing that compute them when they are asked for. ``view`` is
    what is compared of a result where several are right, such as root @ root.T.
    """

    asks: str  # what to hand in: "your `slope(s, n, S)`"
    reference: object
    why: str  # the sentence for who is right
    mistakes: tuple  # pairs: what is wrong, and the sentence that says which mistake it looks like
    inputs: tuple | None = None
    draw: Callable | None = None
    view: Callable | None = None
    rtol: float = 1e-6
    atol: float = 1e-12


@dataclass(frozen=True)
class Answer:
    """One or two sentences; ``kind`` is a key of HEADS. A notebook shows them in its own type, a terminal as text."""

    kind: str
    text: str

    def __repr__(self):
        return f"{HEADS[self.kind]} {self.text}"

    def _repr_markdown_(self):
        return f"**{HEADS[self.kind]}** {self.text}"


@dataclass(frozen=True)
class Result:
    """What a function gave on one input: as numbers to compare, and as a text to quote."""

    shape: tuple
    values: np.ndarray
    shown: str


class Odd(Exception):
    """A result that is no number; its text goes on from "Yours is"."""


class TooSlow(BaseException):
    """Raised by the timer; no Exception, so that ``except Exception`` in the reader's code lets it through."""


# --- catalogues --------------------------------------------------------------------------------------------


def catalogue(path):
    """{name: Exercise} of one page, run from its text: that leaves no compiled copy beside the notebooks."""
    space = {"__name__": path.stem, "__file__": str(path)}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)  # the course's own file, no reader's
    return space["CHECKS"]


def catalogues(folder=PRACTICE):
    """{page: {name: Exercise}} of every page that has one."""
    return {path.stem: catalogue(path) for path in sorted(folder.glob("*.py"))}


# --- text --------------------------------------------------------------------------------------------------


def code(text, longest=160):
    """A text of the reader's as code on one line, whatever it holds."""
    line = " ".join(str(text).split()).replace("`", "'")
    return f"`{line[:longest]}…`" if len(line) > longest else f"`{line}`"


def shown(value):
    """A number, array, or list of them as short text; a function by the first line of its docstring."""
    if callable(value):
        return (inspect.getdoc(value) or getattr(value, "__name__", "a function")).splitlines()[0]
    if isinstance(value, tuple | list):
        parts = [shown(part) for part in value[:6]] + ["…"] * (len(value) > 6)
        return ("({})" if isinstance(value, tuple) else "[{}]").format(", ".join(parts))
    if isinstance(value, np.ndarray) and value.ndim:
        return f"array of shape {value.shape}" if value.size > 12 else shown(value.tolist())
    if isinstance(value, str | bool | np.bool_):
        return repr(value)
    try:
        return f"{float(value):.6g}"
    except Exception:  # whatever a stranger raises
        return article(value)


def where(function, arguments):
    """The input in the words of the reference: `p = 0.3, heads = 4`."""
    named = zip(parameters(function, len(arguments)), arguments, strict=True)
    return code(", ".join(f"{name} = {shown(value)}" for name, value in named))


def parameters(function, count):
    """The names of the first parameters; a reference may have more, which only its mistakes set."""
    return list(inspect.signature(function).parameters)[:count]


def listed(names):
    return ", ".join(f"`{name}`" for name in names)


# --- numbers -----------------------------------------------------------------------------------------------


def numbers(value):
    """(shape, flat array of floats), copied; what is equivalent becomes the same: lists, tuples, integers, fractions.

    Raises Odd for what is no number.
    """
    if isinstance(value, dict | set | frozenset) or callable(value):
        raise Odd(f"{article(value)}, where a number or an array is wanted")
    try:
        array = np.array(value)
    except ValueError:  # parts of different lengths
        parts = [numbers(part) for part in value]
        return tuple(shape for shape, _ in parts), np.concatenate([values for _, values in parts])
    for kinds, said in (("US", "text"), ("b", "true or false"), ("c", "complex"), ("mM", "a date")):
        if array.dtype.kind in kinds:
            raise Odd(f"{said}, where real numbers are wanted")
    try:
        return array.shape if array.size != 1 else (), array.astype(float).ravel()
    except OverflowError:
        raise Odd("too large for a number of double precision") from None
    except (TypeError, ValueError):
        raise Odd(f"{article(value)}, where a number or an array is wanted") from None


def article(value):
    """What a value is, in words."""
    name = "function" if callable(value) else type(value).__name__
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"


def result(exercise, value):
    """The Result of a value; a view that cannot be taken leaves the value as it is, so that its shape is wrong."""
    shape, values = numbers(value)
    if exercise.view:
        try:
            shape, values = numbers(exercise.view(np.array(value, dtype=float)))
        except Exception:
            pass
    plain = isinstance(value, tuple | list | np.ndarray) or np.ndim(value) == 0
    return Result(shape, values, shown(value if plain else np.array(value)))


def agree(a, b, rtol, atol):
    """The same shape, and the same numbers as closely as asked; NaN is the same as NaN."""
    return a.shape == b.shape and np.allclose(a.values, b.values, rtol=rtol, atol=atol, equal_nan=True)


def size(shape):
    """A shape in words; parts of different shapes are listed."""
    if shape == ():
        return "one number"
    return f"an array of shape {shape}" if all(isinstance(n, int) for n in shape) else f"{len(shape)} parts"


def same(a, b):
    """Whether arguments are still what they were, as deep as lists and tuples go."""
    if isinstance(a, tuple | list):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return a is b or (np.shape(a) == np.shape(b) and np.array_equal(a, b, equal_nan=True))


# --- running -----------------------------------------------------------------------------------------------


@contextmanager
def limited(seconds):
    """Stop after so many seconds with TooSlow, where the system has timers and a signal can reach us.

    It rings again every second, for a loop that catches everything. Timer and handler are left as they were found.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    running, begun = [True], time.monotonic()

    def ring(*_):
        if running:
            raise TooSlow

    handler = signal.signal(signal.SIGALRM, ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        running.clear()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler or signal.SIG_DFL)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - begun), 0.001), interval)


@contextmanager
def quiet():
    """No warnings, and nothing printed: what is run forty times would say everything forty times."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield


def inputs(exercise):
    """The arguments to run on: the fixed ones first, for an answer quotes the first on which a result differs."""
    if exercise.inputs is None:
        return [()]
    rng = np.random.default_rng(SEED)
    random = [exercise.draw(rng) for _ in range(DRAWS)] if exercise.draw else []
    return [*exercise.inputs, *random]


def expected(exercise, function):
    """Results of the reference or of a mistake; None where it cannot be computed, as a mistake may not."""
    call = function if callable(function) else lambda: function
    try:
        return [result(exercise, call(*deepcopy(arguments))) for arguments in inputs(exercise)]
    except (Odd, ArithmeticError, ValueError, TypeError, IndexError, np.linalg.LinAlgError):
        return None


def unattempted(value):
    return value is None or value is ... or value is NotImplemented


def called(exercise, mine, arguments):
    """The Result of one call, or the Answer that ends the check."""
    given = deepcopy(arguments)
    value = mine(*given)
    at = where(exercise.reference, arguments)
    if unattempted(value):
        return Answer("later", f"At {at} your function gives {code(value)}; it wants a `return` with a value.")
    if not same(given, arguments):
        return Answer("odd", f"Your function changes its own input at {at}. Work on a copy, such as `x = x.copy()`.")
    try:
        return result(exercise, value)
    except Odd as odd:
        return Answer("odd", f"At {at} yours is {odd}.")


def results(exercise, mine):
    """All Results of the reader's function, or the Answer to what went wrong on the way."""
    found, arguments = [], ()
    try:
        with limited(SECONDS):
            for arguments in inputs(exercise):
                found.append(called(exercise, mine, arguments))
                if isinstance(found[-1], Answer):
                    return found[-1]
    except TooSlow:
        at = where(exercise.reference, arguments)
        return Answer("slow", f"After {SECONDS:.0f} s it was stopped at {at}. Is there a loop that does not end?")
    except NotImplementedError:
        return Answer("later", "Your function raises `NotImplementedError`.")
    except KeyboardInterrupt:
        return Answer("raised", "You interrupted it.")
    except BaseException as error:
        return raised(error, where(exercise.reference, arguments))
    return found


def raised(error, at):
    """What was raised, and the last line of the reader's own on the way to it."""
    try:
        message = str(error)
    except Exception:
        message = ""
    own = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(NOT_THE_READERS)]
    line = f" in line {own[-1].lineno}, {code(own[-1].line)}," if own and own[-1].line else ""
    name = type(error).__name__
    return Answer("raised", f"At {at} your function raised{line} {code(f'{name}: {message}' if message else name)}.")


# --- judging -----------------------------------------------------------------------------------------------


def misfit(exercise, mine):
    """The Answer to something that is not what was asked for at all, or None."""
    if exercise.inputs is None:
        return Answer("odd", f"This is a function; hand in {exercise.asks}.") if callable(mine) else None
    if not callable(mine):
        return Answer("odd", f"Hand in {exercise.asks}, the function itself, without quotes and without calling it.")
    arguments = inputs(exercise)[0]
    try:
        inspect.signature(mine).bind(*arguments)
    except TypeError:
        names = listed(parameters(exercise.reference, len(arguments)))
        return Answer("odd", f"Your function must take {names}, in this order; hand in {exercise.asks}.")
    except ValueError:  # a function of NumPy's has no signature
        pass
    return None


def recognised(exercise, theirs, rtol):
    """The sentence of the first mistake that gives what the reader's gives on every input, or None."""
    for wrong, sentence in exercise.mistakes:
        found = expected(exercise, wrong)
        if found and all(agree(a, b, rtol, exercise.atol) for a, b in zip(theirs, found, strict=True)):
            return sentence
    return None


def copied(got, wanted):
    """Whether numbers are the others rounded, one of them to two digits or more."""
    parts = [Decimal(repr(float(number))).as_tuple() for number in got]
    units = 10.0 ** np.array([part.exponent for part in parts])
    return max(len(part.digits) for part in parts) > 1 and np.all(np.abs(got - wanted) <= 0.5001 * units)


def off(ours, theirs):
    """In words how all results together are off, without a number that would give the right one away."""
    wanted, got = (np.concatenate([r.values for r in all_]) for all_ in (ours, theirs))
    if np.isnan(got).any() and not np.isnan(wanted).any():
        return "NaN comes from 0/0, ∞ − ∞, or the logarithm or root of a negative number."
    if not np.isfinite([wanted, got]).all():
        return ""
    if np.allclose(got, -wanted, rtol=CLOSE, atol=0):
        return "The sign is the wrong way round."
    if np.allclose(got, wanted, rtol=CLOSE, atol=0) or copied(got, wanted):
        return "That is close, but not equal: is it rounded, simulated, or approximated? All digits are wanted."
    if len(set(got)) < 3 or len(set(wanted)) < 3:
        return ""
    ratio, gap = got[wanted != 0] / wanted[wanted != 0], got - wanted
    if np.allclose(ratio, ratio[0], rtol=1e-6, atol=0):
        return "It is off by the same factor everywhere."
    return "It is off by the same amount everywhere." if np.allclose(gap, gap[0], rtol=1e-6, atol=0) else ""


def judged(exercise, theirs):
    """The Answer to results that can be compared."""
    ours = expected(exercise, exercise.reference)
    fits = [agree(mine, right, exercise.rtol, exercise.atol) for mine, right in zip(theirs, ours, strict=True)]
    if all(fits):
        return Answer("right", exercise.why)
    first = fits.index(False)
    mine, right = theirs[first], ours[first]
    at = where(exercise.reference, inputs(exercise)[first]) if exercise.inputs is not None else ""
    said = f"At {at} yours gives {code(mine.shown)}." if at else f"Yours is {code(mine.shown)}."
    sentence = recognised(exercise, theirs, exercise.rtol)
    wrong = "" if any(a.shape != b.shape for a, b in zip(ours, theirs, strict=True)) else off(ours, theirs)
    if not sentence and not wrong:
        sentence = recognised(exercise, theirs, CLOSE)
    if sentence:
        return Answer("mistake", f"{sentence} {said}")
    if mine.shape != right.shape:
        return Answer("odd", f"{said[:-1]}, {size(mine.shape)}, where {size(right.shape)} is wanted.")
    return Answer("wrong", f"{said} {wrong}".strip())


def unknown(name, mine, pages):
    """What there is instead of a name that nobody knows: near ones, those of a page, or where a name is to be found."""
    names = [each for page in pages.values() for each in page]
    if isinstance(mine, str) and mine in names:
        return Answer("unknown", f'The name comes first, as in `check("{mine}", mine)`.')
    if isinstance(name, str) and name in pages:
        return Answer("unknown", f"On that page there are {listed(pages[name])}.")
    near = get_close_matches(str(name).lower(), names, n=3, cutoff=0.5)
    if near:
        return Answer("unknown", f"Near to {code(name, 40)} there {'are' if near[1:] else 'is'} {listed(near)}.")
    return Answer("unknown", f"The last line of an exercise says its name, such as {listed(names[:2])}.")


def answer(name, mine, pages):
    """The Answer to ``mine``, given {page: {name: Exercise}}."""
    exercise = next((page[name] for page in pages.values() if isinstance(name, str) and name in page), None)
    if exercise is None:
        return unknown(name, mine, pages)
    if unattempted(mine):
        return Answer("later", f"Hand in {exercise.asks}.")
    if wrong := misfit(exercise, mine):
        return wrong
    with quiet():
        if exercise.inputs is not None:
            theirs = results(exercise, mine)
            return theirs if isinstance(theirs, Answer) else judged(exercise, theirs)
        try:
            return judged(exercise, [result(exercise, mine)])
        except Odd as odd:
            return Answer("odd", f"Yours is {odd}; hand in {exercise.asks}.")


def check(name, mine):
    """Compare ``mine``, your function or your number, with what exercise ``name`` asks for; say in words how it fares.

    It runs your function on some fixed and some random inputs, for at most five seconds. It never says the answer.
    """
    try:
        return answer(name, mine, catalogues())
    except (Exception, TooSlow) as error:
        return Answer("odd", f"Checking stopped with {code(type(error).__name__)}; hand in a plain function or number.")
