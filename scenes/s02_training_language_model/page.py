"""Places loop 02 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    heading=message("Trained once"),
    paragraphs=(
        message(
            "A new model knows nothing and guesses at random. Training changes that: it is shown "
            "text, enormous amounts of it, and always asked for the word that comes next. This is "
            "done once. Everything the model says later it says with what it learned then."
        ),
        message(
            "{subject} was trained on {training_tokens} tokens, which are words and pieces of "
            "words. One published estimate puts that at {gpu_years} years of work for a single "
            "graphics processor, and at {dollars}."
        ),
    ),
    caption=message("The same model before and after training, and its guesses for the same few words."),
    alternative=message(
        "An untrained model enters a chamber labelled pre-training, a trained one leaves it; "
        "both are asked the same question, and with each stand its guesses and their probabilities."
    ),
)
