"""What the article says between the loops. The English is the source; translations lie in ``wording``.

A message may name figures in braces (``{layers}``). It is said only where the pictures of the page know all of
them, so no sentence states a number that is not recorded or published with its source.
"""

from __future__ import annotations

from dataclasses import dataclass


def message(text: str) -> str:
    """``text`` itself; marks it as one to translate."""
    return text


@dataclass(frozen=True)
class Part:
    """One picture with the text that leads to it. A list comes after the paragraphs.

    ``instead`` is said where no paragraph could be, for want of a figure. ``alternative`` describes the still.
    """

    number: str
    paragraphs: tuple[str, ...]
    caption: str
    alternative: str
    steps: tuple[str, ...] = ()
    instead: str | None = None


@dataclass(frozen=True)
class Chapter:
    """Pictures under one heading."""

    heading: str
    parts: tuple[Part, ...]


TITLE = message("How {subject} works")
LEAD = message(
    "A language model reads some text and writes on. These short loops show how it does that, step by step. "
    "Nothing in them is made up: the values were recorded from a real model while it worked."
)
STAND_IN = message(
    "The weights of {subject} are not public. So its published figures set the scale here, and the values come "
    "from a smaller model that is built on the same principle."
)

STORY = (
    Chapter(
        message("It writes on"),
        (
            Part(
                "01",
                (
                    message(
                        "Give a trained language model a few words, the prompt, and it continues them. The answer "
                        "is looked up nowhere. It follows from what the model picked up when it was trained, "
                        "from more text than anyone could read in a lifetime."
                    ),
                ),
                message("A prompt goes in, text comes out. The stronger a token’s pink, the likelier it was."),
                message("The prompt’s tokens above a box labelled {subject}, the output’s tokens below it."),
            ),
        ),
    ),
    Chapter(
        message("Trained once"),
        (
            Part(
                "02",
                (
                    message(
                        "A new model knows nothing and guesses at random. Training changes that: it is "
                        "shown text, enormous amounts of it, and always asked for the word that comes next. "
                        "This is done once. Everything the model says later it says with what it learned then."
                    ),
                    message(
                        "{subject} was trained on {training_tokens} tokens, which are words and pieces of words. "
                        "One published estimate puts that at {gpu_years} years of work for a single graphics "
                        "processor, and at {dollars} dollars."
                    ),
                ),
                message("The same model before and after training, and its guesses for the same few words."),
                message(
                    "An untrained model enters a chamber labelled pre-training, a trained one leaves it; under "
                    "each stand its guesses with their probabilities."
                ),
            ),
            Part(
                "f01",
                (
                    message(
                        "Nobody has to write the exercises, since the text holds them already. Slide a "
                        "window along a sentence: the words inside are the question, and the word after "
                        "them is the answer. A single sentence makes many such examples."
                    ),
                ),
                message("A window slides along a sentence and leaves a training example wherever it stops."),
                message(
                    "A sentence, and below it training examples: the words given, and the next one asked for."
                ),
            ),
            Part(
                "03",
                (
                    message(
                        "Each example is one small lesson. The model sees only the words given and "
                        "predicts what follows. At first that is far off the mark. How far can be calculated, and from "
                        "the error it follows for every number in the model which way it should move a little, "
                        "so that the next prediction comes out better."
                    ),
                    message("Then comes the next example, and the next, millions of times."),
                ),
                message("One training step: predict, measure the error, update the parameters, predict again."),
                message(
                    "Words go into an untrained model; its prediction is compared with the correct word, and the "
                    "error leads back to a block of weights and the change made to them."
                ),
            ),
        ),
    ),
    Chapter(
        message("One token at a time"),
        (
            Part(
                "04",
                (
                    message(
                        "Now to what the trained model does when it writes. No sentence comes out whole. The model "
                        "gives every token it knows a probability of coming next; one is chosen, put at the end "
                        "of the text, and the text, now longer by that token, goes in again."
                    ),
                ),
                message("At each step the likeliest tokens; the one that is chosen goes back in as input."),
                message(
                    "A line of text, and bars for the probabilities of the tokens that could come next; the chosen "
                    "one is highlighted."
                ),
            ),
        ),
    ),
    Chapter(
        message("Made of numbers"),
        (
            Part(
                "f02",
                (
                    message(
                        "All that training leaves behind is numbers, called parameters. {subject} has {parameters} "
                        "of them. In the untrained model they are random, and training looks for "
                        "values that predict better."
                    ),
                    message(
                        "They are arranged in matrices, and to predict a token is, for the most part, to multiply "
                        "by one matrix after another. To see what that is good for we have to open the box."
                    ),
                ),
                message("Weights of the first layer before and after training, and how their values spread."),
                message(
                    "Two boxes, the untrained and the trained model, each with the weight matrices of one layer "
                    "as coloured grids and a histogram of all its weights."
                ),
            ),
        ),
    ),
    Chapter(
        message("Inside the box"),
        (
            Part(
                "05",
                (
                    message(
                        "{subject} is {context_window} tokens wide: that many tracks run side by side, one for "
                        "each token. This is its context window. The prompt has to fit in, and so has everything "
                        "the model adds to it."
                    ),
                ),
                message("The prompt takes the first tracks; the last of them brings forth the first new token."),
                message(
                    "Numbered tracks through a box labelled {subject}: the prompt’s tokens below, their outputs "
                    "above, the last one highlighted in purple."
                ),
                instead=message("A model is as many tokens wide as its context window has tracks."),
            ),
            Part(
                "06",
                (message("Let us follow a single track, the purple one. What happens between word and word?"),),
                message("One track: a token becomes a vector, the vector another one, and that points to a token."),
                message(
                    "A token and its vector as a row of coloured cells, the model, the vector that results, and "
                    "the tokens it points to with their probabilities."
                ),
                steps=(
                    message("The token turns into a vector, a list of numbers that stands for it."),
                    message("From this vector the layers compute another one, the prediction."),
                    message("That one is turned back into a token, the one it points to most clearly."),
                ),
            ),
            Part(
                "07",
                (
                    message(
                        "The middle of these steps is where the work is done, by {layers} decoder layers, one on top of "
                        "the other. That is what the “deep” in deep learning means."
                    ),
                    message("Each layer has {parameters_per_layer} parameters of its own to do its part."),
                ),
                message("Layer by layer the vector changes. On the right: the best guess at that height."),
                message(
                    "A stack of decoder layers with the vector in each as a row of coloured cells; beside each layer "
                    "the token it would answer and its probability."
                ),
                instead=message(
                    "The middle of these steps is where the work is done, by decoder layers, one on top of the "
                    "other. That is what the “deep” in deep learning means."
                ),
            ),
            Part(
                "08",
                (
                    message(
                        "Every token takes this way up through the whole stack, and on it looks back at the "
                        "tokens before. While the prompt is read, what comes out on top does not matter. Only "
                        "above its last token do we begin to listen, and from there on each token that comes out goes "
                        "in again at the bottom."
                    ),
                ),
                message("An X-ray: the darker a slab, the more that layer changed that token’s vector."),
                message(
                    "A column of slabs for each token, one slab for a layer; the columns of the prompt end in "
                    "dots, the last ones in the tokens of the answer."
                ),
            ),
        ),
    ),
    Chapter(
        message("Code from a description"),
        (
            Part(
                "09",
                (
                    message(
                        "The same mechanism writes programs. The prompt gives a few examples, each a description "
                        "and the code that goes with it, and then a new description. Code is simply what most "
                        "likely comes next in such a text, and it appears like any other answer, one token after "
                        "another."
                    ),
                ),
                message("Examples and a description go in, code comes out, and a browser shows what it does."),
                message(
                    "Examples of a description and its code, a new description, the generated code, and its "
                    "preview in a browser."
                ),
            ),
        ),
    ),
    Chapter(
        message("Good at one thing"),
        (
            Part(
                "10",
                (
                    message(
                        "Training can be taken up again. In fine-tuning a trained model gets some more examples, "
                        "now all of one task, translation for instance. Its weights shift a "
                        "little, towards values that suit this task better."
                    ),
                ),
                message("A short fine-tuning: some weights, how they changed, and the error on unseen words."),
                message(
                    "A trained model enters a chamber labelled fine-tuning; beside it the change of a block of "
                    "weights, a curve of the error, and an answer before and after."
                ),
            ),
        ),
    ),
)
