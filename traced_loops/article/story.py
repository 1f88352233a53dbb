"""What the article says between the pictures. English is the source; translations lie in ``wording``.

A message may name figures in braces (``{layers}``). It is said only where the pictures of the page know all
of them, so no sentence states a number that was not recorded or published with its source.
"""

from __future__ import annotations

from dataclasses import dataclass

from scenes.wording import message


@dataclass(frozen=True)
class Section:
    """One picture with the text that leads to it: a heading, paragraphs, a list of steps.

    ``alternative`` describes the still. ``instead`` is said where no paragraph can be, for want of a
    figure.
    A heading holds up to the next one, also where its first picture is missing.
    """

    number: str
    paragraphs: tuple[str, ...]
    caption: str
    alternative: str
    heading: str | None = None
    steps: tuple[str, ...] = ()
    instead: str | None = None


TITLE = message("How {subject} works")
LEAD = message(
    "A language model reads some text and writes on. These short loops show how it does that, step by "
    "step. Nothing in them is made up: the values were recorded from a real model while it worked."
)
STAND_IN = message(
    "The weights of {subject} are not public. So its published figures set the scale here, and the "
    "values come from a smaller model that is built on the same principle."
)

STORY = (
    Section(
        number="01",
        heading=message("It writes on"),
        paragraphs=(
            message(
                "Give a trained language model a few words, the prompt, and it continues them. The "
                "answer is looked up nowhere. It follows from what the model picked up when it was "
                "trained, from more text than anyone could read in a lifetime."
            ),
        ),
        caption=message(
            "A prompt goes in, text comes out. The stronger a token’s pink, the likelier it was."
        ),
        alternative=message(
            "The prompt’s tokens above a box labelled {subject}, the output’s tokens below it."
        ),
    ),
    Section(
        number="02",
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
            "under each stand its guesses with their probabilities."
        ),
    ),
    Section(
        number="f01",
        paragraphs=(
            message(
                "Nobody has to write the exercises, since the text holds them already. Slide a window "
                "along a sentence: the words inside are the question, and the word after them is the "
                "answer. A single sentence makes many such examples."
            ),
        ),
        caption=message("A window slides along a sentence and leaves a training example wherever it stops."),
        alternative=message(
            "A sentence, and below it training examples: the words given, and the next one asked for."
        ),
    ),
    Section(
        number="03",
        paragraphs=(
            message(
                "Each example is one small lesson. The model sees only the words given and predicts "
                "what follows. At first that is far off the mark. How far can be calculated, and from "
                "the error it follows for every number in the model which way it should move a "
                "little, so that the next prediction comes out better."
            ),
            message("Then comes the next example, and the next, millions of times."),
        ),
        caption=message(
            "One training step: predict, measure the error, update the parameters, predict again."
        ),
        alternative=message(
            "Words go into an untrained model; its prediction is compared with the correct word, and "
            "the error leads back to a block of weights and the change made to them."
        ),
    ),
    Section(
        number="04",
        heading=message("One token at a time"),
        paragraphs=(
            message(
                "Now to what the trained model does when it writes. No sentence comes out whole. The "
                "model gives every token it knows a probability of coming next; one is chosen, put at "
                "the end of the text, and the text, now longer by that token, goes in again."
            ),
        ),
        caption=message("At each step the likeliest tokens; the one that is chosen goes back in as input."),
        alternative=message(
            "A line of text, and bars for the probabilities of the tokens that could come next; the "
            "chosen one is highlighted."
        ),
    ),
    Section(
        number="f02",
        heading=message("Made of numbers"),
        paragraphs=(
            message(
                "All that training leaves behind is numbers, called parameters. {subject} has "
                "{parameters} of them. In the untrained model they are random, and training looks for "
                "values that predict better."
            ),
            message(
                "They are arranged in matrices, and to predict a token is, for the most part, to "
                "multiply by one matrix after another. To see what that is good for we have to open "
                "the box."
            ),
        ),
        caption=message("Weights of the first layer before and after training, and how their values spread."),
        alternative=message(
            "Two boxes, the untrained and the trained model, each with the weight matrices of one "
            "layer as coloured grids and a histogram of all its weights."
        ),
    ),
    Section(
        number="05",
        heading=message("Inside the box"),
        paragraphs=(
            message(
                "{subject} is {context_window} tokens wide: that many tracks run side by side, one "
                "for each token. This is its context window. The prompt has to fit in, and so has "
                "everything the model adds to it."
            ),
        ),
        instead=message("A model is as many tokens wide as its context window has tracks."),
        caption=message(
            "The prompt takes the first tracks; the last of them brings forth the first new token."
        ),
        alternative=message(
            "Numbered tracks through a box labelled {subject}: the prompt’s tokens below, their "
            "outputs above, the last one highlighted in purple."
        ),
    ),
    Section(
        number="06",
        paragraphs=(
            message("Let us follow a single track, the purple one. What happens between word and word?"),
        ),
        steps=(
            message("The token turns into a vector, a list of numbers that stands for it."),
            message("From this vector the layers compute another one, the prediction."),
            message("That one is turned back into a token, the one it points to most clearly."),
        ),
        caption=message(
            "One track: a token becomes a vector, the vector another one, and that points to a token."
        ),
        alternative=message(
            "A token and its vector as a row of coloured cells, the model, the vector that results, "
            "and the tokens it points to with their probabilities."
        ),
    ),
    Section(
        number="07",
        paragraphs=(
            message(
                "Between the vector that goes in and the one that comes out lie {layers} decoder layers, "
                "one on top of the other. That is what the “deep” in deep learning means."
            ),
            message("Each layer has {parameters_per_layer} parameters of its own to do its part."),
        ),
        instead=message(
            "Between the vector that goes in and the one that comes out lie decoder layers, "
            "one on top of the other. That is what the “deep” in deep learning means."
        ),
        caption=message("Layer by layer the vector changes. On the right: the best guess at that height."),
        alternative=message(
            "A stack of decoder layers with the vector in each as a row of coloured cells; beside "
            "each layer the token it would answer and its probability."
        ),
    ),
    Section(
        number="08",
        paragraphs=(
            message(
                "Every token takes the way up through the whole stack, and on it looks back at the "
                "tokens before. While the prompt is read, what comes out on top does not matter. Only "
                "above its last token do we begin to listen, and from there on each token that comes "
                "out goes in again at the bottom."
            ),
        ),
        caption=message(
            "An X-ray: the stronger a slab’s purple, the more that layer changed that token’s vector."
        ),
        alternative=message(
            "A column of slabs for each token, one slab for a layer; the columns of the prompt end in "
            "dots, the last ones in the tokens of the answer."
        ),
    ),
    Section(
        number="09",
        heading=message("Code from a description"),
        paragraphs=(
            message(
                "Who can continue text can also write programs. The prompt gives a few examples, each a "
                "description and the code that goes with it, and then a new description. Code is "
                "simply what most likely comes next in such a text, and it appears like any other "
                "answer, one token after another."
            ),
        ),
        caption=message(
            "Examples and a description go in, code comes out, and a browser shows what it does."
        ),
        alternative=message(
            "Examples of a description and its code, a new description, the generated code, and its "
            "preview in a browser."
        ),
    ),
    Section(
        number="10",
        heading=message("Good at one thing"),
        paragraphs=(
            message(
                "Training can be taken up again. In fine-tuning a trained model gets some more "
                "examples, now all of one task, translation for instance. Its weights shift a little, "
                "towards values that suit this task better."
            ),
        ),
        caption=message(
            "A short fine-tuning: some weights, how they changed, and the error on unseen words."
        ),
        alternative=message(
            "A trained model enters a chamber labelled fine-tuning; beside it the change of a block "
            "of weights, a curve of the error, and an answer before and after."
        ),
    ),
)
