//! What the tour says: for every step what is new, and where it goes. Names in backticks are code.

/// The words of a step.
pub struct Words {
    /// For scripts.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Before its numbers.
    pub intro: &'static str,
    /// After them.
    pub onward: &'static str,
}

/// The steps in their order.
pub const STEPS: [Words; 8] = [
    Words {
        name: "line",
        title: "A line",
        intro: "The simplest model is a line. How badly a line misses eight points is one number, the loss: the mean \
                of its squared distances from them. Calculus gives the w1 and w0 of the least loss at once; gradient \
                descent starts at 0 and walks down the loss, each step against its slope, to the same place.",
        onward: "Everything below is this with more numbers: parameters, a loss, and steps against its slope. With \
                 your own points: `mlp learn line --points 0,1 1,3 2,5`.",
    },
    Words {
        name: "plane",
        title: "Many variables",
        intro: "31 cherry trees were measured and felled. The volume of their timber from girth and height is `volume \
                = w1·girth + w2·height + w0`: nothing is new but the number of weights. A coefficient says how much \
                one more of its column adds while the others stay; its standard error, how far it would move on other \
                trees of the same kind.",
        onward: "With your own table: `mlp learn plane TABLE.csv --target COLUMN`.",
    },
    Words {
        name: "network",
        title: "A network",
        intro: "A node is such a sum with an activation behind it, here `relu`, which lets positive sums through and \
                makes 0 of the others. A network is layers of nodes: each takes the answers of all nodes before it. \
                This one is 4-6-6-1: four inputs, two hidden layers of six nodes, one output, with random weights of \
                two decimals. Below are every node's equation, one input followed through all of them, and one step of \
                training. A node has a bias b as well, which drawings often leave out.",
        onward: "A calculator gives the same digits. Other weights: `mlp learn trace --seed 2 --input 1,2,3,4`.",
    },
    Words {
        name: "nested",
        title: "Nested linear combinations",
        intro: "A network is linear combinations of linear combinations. Is that more than one of them? Not without \
                the activations: then the three layers of step 3 multiply out to one, to the last digit. With them a \
                network tells apart two spirals wound into each other, which no line can.",
        onward: "Other problems: `mlp learn playground circle`, `xor`, `gauss`.",
    },
    Words {
        name: "picture",
        title: "A picture as an array",
        intro: "This dog was drawn by the program: a colour PNG file of 180 × 180 pixels. Read, it is an array of \
                rows × columns × 3 numbers from 0 to 255, for red, green and blue. The red channel alone, row after \
                row, is a vector of 32,400 inputs: as good as any column of measurements.",
        onward: "With your own picture: `mlp learn image cat.png --channel red`.",
    },
    Words {
        name: "neuron",
        title: "Small random weights and a dot product",
        intro: "Give every pixel a small random weight and add up the products: `y = Σ w·x`, the sum of step 1 with \
                32,400 terms. The logistic function `1 / (1 + e^−y)` makes of it a number from 0 to 1, to be read as a \
                probability: dog, if it is above one half.",
        onward: "What is lacking is weights that mean something. They are found as the line was: by steps down a \
                 loss.",
    },
    Words {
        name: "training",
        title: "Training on many drawings",
        intro: "Drawings of cats and dogs, of which pose, proportions, ears, muzzle, fur, background and noise vary, \
                so that none of them alone gives the animal away. Of ten drawings seven train the network, one helps \
                to choose the best epoch, and two are kept apart for the test. Beside the network stands a linear \
                model, the neuron of step 6 trained on the same pixels.",
        onward: "The same by hand, to the same bits: `mlp train drawings --channels red --size 36x36 --hidden 64,32 \
                 --epochs 20 --weight-decay 0.1`.",
    },
    Words {
        name: "unseen",
        title: "A drawing it has never seen",
        intro: "The dog of step 5 is none of the drawings of the training. The network answers, and integrated \
                gradients share its logit, the `y` before the logistic function, out among the pixels: what each adds \
                on the way from a picture of one even colour to this one. Base and contributions add up to the \
                network's own answer.",
        onward: "For any model and any input: `mlp explain MODEL PICTURE`.",
    },
];
