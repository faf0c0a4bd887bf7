"""What the labels are learned from: sentences written for this purpose, one a line, no customer's among them."""

BUGS = """
The app crashes every time I open it
It keeps crashing since the last update
I can't log in any more, it says my password is wrong
The page stays blank after loading
Nothing happens when I press the save button
Uploading a photo fails with an error message
It freezes on the start screen and I have to restart my phone
Messages are not delivered until I open the app
Notifications do not arrive on my tablet
The export is empty although there are rows in the table
Videos won't play, they just keep buffering
It logs me out again and again
Search does not find anything
The sync has stopped working between my devices
My files disappeared after the update
It says no connection but my wifi works fine
The sound is missing in calls
Wrong totals are shown in the report
I get error 500 when I submit the form
Can't download it, always an error
It does not install on my phone
The keyboard covers the text field and I cannot see what I write
Scrolling is stuck and the screen goes black
Please fix, it closes by itself all the time
Since yesterday the calendar shows every event twice
Won't let me sign up with my email
It takes forever to load and then times out
The link in the mail leads to a page that is not there
Payment was taken twice for a single order
The widget shows yesterday's numbers
I cannot send messages, it says failed to send
The date filter ignores the time zone
Printing cuts off the last column
The latest version drains my battery within two hours
Unable to open attachments after upgrading
Always says try again later
It hangs at ninety percent and never finishes
My settings are reset each time I start it
Import stops half way without any message
The camera does not work inside the app
This is broken, please repair it
Unable to zoom, the buttons do not react
It shows the wrong country
Cannot follow or reply, the button does nothing
Keeps telling me there is not enough space although there is plenty
Playing in the background stops after one song
The login page is not working with my account
Our dashboard has been down since this morning
Screen flickers and then the program quits
Deleted items come back after a while
Terrible lag, unusable, it stops responding
Contacts are mixed up and numbers are assigned to the wrong person
Half of my pictures won't load
Calling is not working on my phone even though I updated
The new update broke everything, it always hangs
Doesn't work, waste of time
Does not open at all on my device, fix this now
It doesn't let me in
Characters with accents turn into question marks in the file
The total in the invoice does not match the lines
"""

REQUESTS = """
Please add a dark mode
It would be great to have an offline mode
I wish I could sort the list by date
Could you add support for more languages
We need a way to export everything as CSV
An option to mute a conversation would be nice
Please bring back the old layout
I want to be able to edit my posts
Add a search bar to the history
It would help if reports could be scheduled
Would love to see a calendar view
Please make the font size adjustable
There should be an undo button
Integrate it with our calendar please
I would give five stars if it had folders
Only thing missing is a landscape mode
Let us choose which notifications we get
Kindly provide a video call feature
You should allow more than one account
Better if there was a way to filter by customer
Make it possible to assign a task to several people
We would like single sign-on for our company
Please allow larger attachments
A keyboard shortcut for this would save us hours
Give us the option to turn off the ads
Needs a backup feature
Please make switching between accounts smoother
Hope you add a timer in the next version
I'd like to pin important notes to the top
Support for tablets would be awesome
Please include a free plan for students
Can we have custom fields for our own data
Add more filters and stickers
The app needs a better way to organise pictures
An API for bulk changes would be useful
Bring the toolbar back
It just needs a copy and paste option
Would be perfect with a sleep timer
Please let me change my username
Consider adding two-factor login
Make the buttons bigger please
Should have the same features as the desktop version
We are missing an audit log
I suggest showing the last seen time
Please put the menu at the bottom
Add free calling as well
Want a colourless mode too
A monthly summary by mail would be helpful
Allow us to rename columns
Please do something about the layout and give us a compact view
It would be better with a preview before sending
I miss an option to hide finished tasks
Make voice calls available
Please implement webhooks so that we can react at once
Would be useful to share a view with people outside
Extend the trial to thirty days please
One suggestion, let me group items by project
Activate the new feature for my country
Ability to download videos would be nice
Let me decide where the list begins when I come back
"""

PRAISE = """
Love this app
Great product, works perfectly
Very easy to use and helpful
The best tool we ever had
Awesome, keep up the good work
Excellent service and friendly support
I use it every day and enjoy it
Works great on my tablet
Simple, fast and reliable
It has made our work so much easier
Super nice design
I recommend it to everyone
Thank you for this wonderful program
Good app for staying in touch with friends
Never had any problems, it just works
Five stars, well done
Amazing quality and so many choices
Really happy with the new version
It helps me keep track of everything
My kids love it
Nice and useful application
Fantastic, it saves me a lot of time
I can not live without it
Cool app
Perfect for taking notes on the go
The update is a big improvement
So convenient, I can check everything with one touch
Very good, worth every cent
Best photo editor I have tried
Great way to keep in touch with family
Beautiful and user friendly
I like it a lot
This is so much fun
Good selection and fair price
It does exactly what I need
Our whole team is delighted
Quick and accurate, love the notifications
Outstanding, highly recommended
Brilliant idea and well made
It is the greatest, I enjoy it very much
I am glad that I downloaded this
Excellent excellent app
Nice to have all my things in one place
Easy to navigate and to search
Good to learn with
You people did a great job with the new editor
Works as described, no hassle
I have it on all my devices and they stay in step
Love it, makes shopping so easy
Wonderful with all my pictures
Better than any other program of its kind
Couldn't be happier with the result
Great for organising my day
Always quick to open
Very pleased with how fast the support answered
I watch all my favourite shows with it, great
It keeps me up to date without a hassle
Everything I wanted in one place, thanks
Useful for work and for school
Smooth, no lag, no freezing, it rocks
"""

QUESTIONS = """
How do I change my password?
Where can I find my invoices?
Is there a way to export my data?
What does the premium plan cost?
Can I use it on two devices?
How long does a transfer take?
Which countries are supported?
Do you have an app for Windows?
Why was I charged twice?
When will my card arrive?
Can someone tell me how to delete my account?
What is the difference between the two plans?
How many users can I invite?
Is my data stored in Europe?
Who can see my profile?
Do I have to pay for the upgrade?
How can I cancel my subscription?
What happens to my files when I leave?
Does it work without internet?
Could you explain what this setting does?
I would like to know how to reset my pin
Where do I enter the code?
What should I do if I lost my phone?
Are there any fees for cash withdrawals?
How do you set the language?
Am I able to get a refund?
Which browsers do you support?
Can I add my partner to the account?
Why do I need to verify my identity?
Please tell me where the settings are
How old do I need to be?
What is the exchange rate?
Is it possible to change the date later?
When is the next release planned?
How do I import contacts from another system?
Do you offer a discount for schools?
What are the limits of the free plan?
Where is the history of my payments?
Can you tell me the status of my order?
How does the calculation work?
I need help finding my account number
Will my subscription renew by itself?
Do transfers on weekends take longer?
How would I connect it to our accounting?
What kind of files can be uploaded?
Is there a phone number to call?
Who do I contact about a contract?
What's the best way to share a folder?
Can I get a second card?
I am not sure how to pair the device, can you help?
How do I know if the payment went through?
Why is there a fee on my statement?
Does anybody know what the blue dot means?
Which version am I on?
What do I need to do to verify my identity?
Can the data be moved to another workspace?
Is a receipt sent by mail?
How is the score computed?
Where are the backups kept?
May I use the pictures in my blog?
"""

COMPLAINTS = """
I hate it
Worst app ever, do not buy
This sucks
Very disappointed with the new design
Terrible support, nobody answers
Too expensive for what it does
So annoying, ads everywhere
It got worse with every update
Useless and confusing
A waste of money
I regret switching to it
Poor quality, I expected better
Really bad experience
The new version is ugly and slow
Not worth it
I am fed up with this
Awful, stay away
It is frustrating to use
I do not like the changes at all
Stupid and boring
The worst company I have dealt with
Not happy, I want my money back
Full of annoying pop-ups
I dislike the interface
Horrible
"""

STATEMENTS = """
I use it on my phone
The meeting is on Tuesday
I have two accounts
We moved to the new office in May
My friend told me about it
I downloaded it yesterday
It has a list and a search field
There are three plans
I watch it with my son
We have five hundred employees
The menu is at the top
I opened the settings
I am from Spain
It shows pictures and text
I have not tried it yet
They sent the letter last week
The report has twelve pages
It is the version for tablets
I mostly read on the train
I have already uninstalled
"""

SPAM = """
Earn 5000 dollars a week from home, click here now
Buy cheap followers and likes at our site
Congratulations, you have won a prize, claim it at this link
Best casino bonus, free spins, register today
Get rich quick with crypto, guaranteed returns, contact me on telegram
Hot singles in your area are waiting for you
Cheap pills online without prescription
We offer SEO services, first page ranking guaranteed, write to us
Make money fast, join my team, no experience needed
Visit our shop for replica watches at the lowest prices
Loan approved in minutes, no credit check, apply now
Use my referral code to get free coins
Free gift card generator, no survey, click the link
Double your bitcoin in 24 hours
Limited offer, discount 90 percent, order now www cheap deals
Subscribe to my channel and win a phone
Dear friend, I am a prince and need your help to transfer funds
Work from home and earn daily cash, whatsapp me
Hack any account, contact us for the service
Cheap essay writing service, order your paper today
Viagra and cialis at best price
Invest now and earn ten percent per day
Click the link in my bio to get free followers
Your account was selected for a reward, send your card number
Win an iphone, enter your details here http free prize
Sports betting tips, sure win every day, join the group
Backlinks and traffic for your website, cheap packages
Lose weight in a week with this one trick, buy now
"""


def lines(block: str) -> list[str]:
    """The sentences of one block."""
    return block.strip().splitlines()


BUSINESS = """
Please send payment reminders to customers automatically
We spend hours every month chasing unpaid invoices by hand
A polite automatic reminder to late payers would help us a lot
How do I bill a customer in dollars instead of euros
Our customers want to pay by card on a link in the invoice
The discount code was accepted, but the full price was charged
I would like to buy ten more seats for our team
The free trial ended before we had invited anybody
Let us offer a cheaper plan to schools and charities
Refunds take two weeks and nobody tells the customer why
We need to see revenue per account and per month in one report
The newsletter went to people who had unsubscribed
Please let us write to all customers of one segment at once
A campaign by mail should stop as soon as somebody answers
We lost a deal of 40,000 dollars because single sign-on is missing
Prospects ask for a guarantee that their data stays in Europe
Our sales team works from home and needs the app on their phones
The price list on your site does not match what we are billed
Late fees should be added to the next invoice by themselves
I cannot find where to change the credit card we pay with
Cash flow is hard to plan when I do not see which invoices are due
The link in the welcome mail has expired when people click it
We want to reward customers who recommend us to others
Bank transfers are not matched to the invoices they pay
Show me which accounts are likely to cancel so that we can call them
The loan calculator rounds interest the wrong way
Winning back customers would be easier if we knew why they left
Every partner should get a referral link of their own and see what came of it
Contact details that are typed into the form are lost when the session ends
Orders above a limit should wait for an approval by finance
"""
"""Honest words about money, offers and mail: of what spam speaks, too."""
